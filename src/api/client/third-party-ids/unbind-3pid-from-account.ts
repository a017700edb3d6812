import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';

/** `POST /_matrix/client/v3/account/3pid/unbind` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidunbind */
export const unbind3pidFromAccount = endpoint({
  name: 'unbind3pidFromAccount',
  summary: 'Says that there is nothing to take back from an identity server: nothing is published there',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/unbind', '/_matrix/client/v3/account/3pid/unbind'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ medium: Type.String(), address: Type.String(), id_server: Type.Optional(Type.String()) }),
  handle: () => ({ id_server_unbind_result: 'no-support' }),
});
