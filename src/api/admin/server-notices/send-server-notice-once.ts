import { endpoint } from '../../../http/endpoint.ts';
import type { ServerNotices } from '../../../services/server-notices/server-notices.ts';
import { noticeBody, noticeIn } from './notice-body.ts';

/** `PUT /_synapse/admin/v1/send_server_notice/{txnId}` · https://element-hq.github.io/synapse/latest/admin_api/server_notices.html */
export const sendServerNoticeOnce = endpoint({
  name: 'sendServerNoticeOnce',
  summary: 'Tells one user something in the name of the server, once however often it is asked',
  extension: 'the admin API of Synapse, which tools of administrators use',
  method: 'put',
  paths: ['/_synapse/admin/v1/send_server_notice/{txnId}'],
  auth: 'admin',
  rateLimit: 'general',
  body: noticeBody,
  async handle({ body, params, requester }, { serverNotices }: { serverNotices: ServerNotices }) {
    return { event_id: await serverNotices.send(noticeIn(body), requester.userId, params.txnId) };
  },
});
