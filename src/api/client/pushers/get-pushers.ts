import { endpoint } from '../../../http/endpoint.ts';

/** `GET /_matrix/client/v3/pushers` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushers */
export const getPushers = endpoint({
  name: 'getPushers',
  summary: 'Where notifications are sent: nowhere, for this server sends none',
  method: 'get',
  paths: ['/_matrix/client/r0/pushers', '/_matrix/client/v3/pushers'],
  auth: 'accessToken',
  rateLimit: 'general',
  handle: () => ({ pushers: [] }),
});
