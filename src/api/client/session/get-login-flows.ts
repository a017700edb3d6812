import { endpoint } from '../../../http/endpoint.ts';
import type { Appservices } from '../../../services/appservices/appservices.ts';
import type { JwtLogin } from '../../../services/external-login/jwt-login.ts';
import type { Login } from '../../../services/sessions/login.ts';
import type { IdentityProvider } from '../../../services/sso/identity-provider.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';

interface Needs {
  readonly login: Login;
  readonly appservices: Appservices;
  readonly jwtLogin: JwtLogin;
  readonly singleSignOn: SingleSignOn;
}

/** `GET /_matrix/client/v3/login` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login */
export const getLoginFlows = endpoint({
  name: 'getLoginFlows',
  summary: 'The ways to log in',
  method: 'get',
  paths: ['/_matrix/client/r0/login', '/_matrix/client/v3/login'],
  auth: 'none',
  rateLimit: 'general',
  handle: (_, { login, appservices, jwtLogin, singleSignOn }: Needs) => ({
    flows: [
      ...(singleSignOn.providers.length > 0
        ? [{ type: 'm.login.sso', identity_providers: singleSignOn.providers.map(shown) }]
        : []),
      ...(login.hasPasswords ? [{ type: 'm.login.password' }] : []),
      { type: 'm.login.token', get_login_token: true },
      ...(jwtLogin.isOffered ? [{ type: 'org.matrix.login.jwt' }] : []),
      ...(appservices.isEmpty ? [] : [{ type: 'm.login.application_service' }]),
    ],
  }),
});

function shown({ settings: { id, name, icon, brand } }: IdentityProvider) {
  return { id, name, ...(icon === undefined ? {} : { icon }), ...(brand === undefined ? {} : { brand }) };
}
