import { endpoint } from '../../../http/endpoint.ts';
import type { Login } from '../../../services/sessions/login.ts';

/** `GET /_matrix/client/v3/login` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login */
export const getLoginFlows = endpoint({
  name: 'getLoginFlows',
  summary: 'The ways to log in',
  method: 'get',
  paths: ['/_matrix/client/r0/login', '/_matrix/client/v3/login'],
  auth: 'none',
  rateLimit: 'general',
  handle: (_, { login }: { login: Login }) => ({
    flows: [
      ...(login.hasPasswords ? [{ type: 'm.login.password' }] : []),
      { type: 'm.login.token', get_login_token: true },
    ],
  }),
});
