import Type from 'typebox';
import { endpoint } from '../../http/endpoint.ts';
import { notFound } from '../../protocol/errors.ts';
import type { Registration } from '../../services/registration/registration.ts';
import type { SingleSignOn } from '../../services/sso/single-sign-on.ts';
import { FALLBACK_STAGES, questionPage } from './auth-fallback-page.ts';
import { confirmationPage, refusalPage } from './sso/sso-pages.ts';

/** `GET /_matrix/client/v3/auth/{authType}/fallback/web` · https://spec.matrix.org/v1.19/client-server-api/#fallback */
export const showAuthFallback = endpoint({
  name: 'showAuthFallback',
  extension: 'it is in the text of the specification alone',
  summary: 'The page of a stage, for apps that do not know it',
  method: 'get',
  paths: ['/_matrix/client/r0/auth/{authType}/fallback/web', '/_matrix/client/v3/auth/{authType}/fallback/web'],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({ session: Type.String() }),
  async handle(
    { params: { authType }, query },
    { registration, singleSignOn }: { registration: Registration; singleSignOn: SingleSignOn },
  ) {
    if (FALLBACK_STAGES.includes(authType)) return questionPage(authType, registration);
    if (authType !== 'm.login.sso') throw notFound('This stage has no page');
    try {
      return confirmationPage(singleSignOn, query.session, await singleSignOn.question(query.session));
    } catch (error) {
      return refusalPage(error);
    }
  },
});
