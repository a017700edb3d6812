import { endpoint } from '../../../http/endpoint.ts';
import type { ServerNotices } from '../../../services/server-notices/server-notices.ts';
import { noticeBody, noticeIn } from './notice-body.ts';

/** `POST /_synapse/admin/v1/send_server_notice` · https://element-hq.github.io/synapse/latest/admin_api/server_notices.html */
export const sendServerNotice = endpoint({
  name: 'sendServerNotice',
  summary: 'Tells one user something in the name of the server',
  extension: 'the admin API of Synapse, which tools of administrators use',
  method: 'post',
  paths: ['/_synapse/admin/v1/send_server_notice'],
  auth: 'admin',
  rateLimit: 'general',
  body: noticeBody,
  async handle({ body, requester }, { serverNotices }: { serverNotices: ServerNotices }) {
    return { event_id: await serverNotices.send(noticeIn(body), requester.userId) };
  },
});
