import { endpoint } from '../../../http/endpoint.ts';

/** `GET /_matrix/client/v3/account/3pid` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3account3pid */
export const getAccount3PIDs = endpoint({
  name: 'getAccount3PIDs',
  summary: 'Mail addresses and phone numbers of the account: this server keeps none',
  method: 'get',
  paths: ['/_matrix/client/r0/account/3pid', '/_matrix/client/v3/account/3pid'],
  auth: 'accessToken',
  rateLimit: 'general',
  handle: () => ({ threepids: [] }),
});
