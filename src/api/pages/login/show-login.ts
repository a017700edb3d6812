import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Login } from '../../../services/sessions/login.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { providerLinks } from '../sso/sso-pages.ts';
import { loginPage } from './login-page.ts';

interface Needs {
  readonly login: Login;
  readonly singleSignOn: SingleSignOn;
  readonly thirdPartyIds: ThirdPartyIds;
}

/** Of what `POST /login` takes, what is no credential. */
const WISHES = ['device_id', 'initial_device_display_name', 'refresh_token'] as const;

/** `GET /_matrix/static/client/login/` · https://spec.matrix.org/v1.19/client-server-api/#login-fallback */
export const showLogin = endpoint({
  name: 'showLogin',
  extension: 'it is in the text of the specification alone',
  summary: 'The page on which people log in, for apps that know no way of this server',
  method: 'get',
  paths: ['/_matrix/static/client/login/', '/_matrix/static/client/login'],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({
    device_id: Type.Optional(Type.String()),
    initial_device_display_name: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
    loginToken: Type.Optional(Type.String()),
  }),
  handle({ query }, { login, singleSignOn: sso, thirdPartyIds }: Needs) {
    const back = new URL(sso.loginPage);
    for (const name of WISHES) {
      const value = query[name];
      if (value !== undefined) back.searchParams.set(name, value);
    }
    const providers = sso.providers.length === 0 ? '' : providerLinks(sso, { redirectUrl: back.href });
    const { hasPasswords } = login;
    const { hasEmail } = thirdPartyIds;
    return loginPage({ providers, hasPasswords, hasEmail }, query.loginToken !== undefined);
  },
});
