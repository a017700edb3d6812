import { endpoint } from '../../../http/endpoint.ts';
import type { Pushers } from '../../../services/push/pushers.ts';

/** `GET /_matrix/client/v3/pushers` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushers */
export const getPushers = endpoint({
  name: 'getPushers',
  summary: 'Where notifications of the user are sent',
  method: 'get',
  paths: ['/_matrix/client/r0/pushers', '/_matrix/client/v3/pushers'],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ requester }, { pushers }: { pushers: Pushers }) {
    const rows = await pushers.of(requester.userId);
    return {
      pushers: rows.map((row) => ({
        app_id: row.app_id,
        pushkey: row.pushkey,
        kind: row.kind,
        app_display_name: row.app_display_name,
        device_display_name: row.device_display_name,
        ...(row.profile_tag === null ? {} : { profile_tag: row.profile_tag }),
        lang: row.lang,
        data: JSON.parse(row.data) as object,
        'org.matrix.msc3881.enabled': row.enabled === 1,
        'org.matrix.msc3881.device_id': row.device_id,
      })),
    };
  },
});
