import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { MatrixError } from '../../../protocol/errors.ts';

/** `POST /_matrix/client/v3/account/3pid` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pid */
export const post3PIDs = endpoint({
  name: 'post3PIDs',
  summary: 'Refused: what an identity server says whose an address is does not count here, and it asks for no password',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid', '/_matrix/client/v3/account/3pid'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ three_pid_creds: jsonObject }),
  handle() {
    throw new MatrixError('M_THREEPID_AUTH_FAILED', 'Addresses are added with /account/3pid/add', { status: 403 });
  },
});
