import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { MatrixError } from '../../../protocol/errors.ts';

/** `POST /_matrix/client/v3/account/3pid/bind` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidbind */
export const bind3PID = endpoint({
  name: 'bind3PID',
  summary: 'Refused: this server has no identity server publish whose an address is',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/bind', '/_matrix/client/v3/account/3pid/bind'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({
    client_secret: Type.String(),
    id_access_token: Type.String(),
    id_server: Type.String(),
    sid: Type.String(),
  }),
  handle() {
    throw new MatrixError('M_SERVER_NOT_TRUSTED', 'Addresses are not published with identity servers from here');
  },
});
