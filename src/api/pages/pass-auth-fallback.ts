import { text } from 'node:stream/consumers';
import Type from 'typebox';
import { endpoint } from '../../http/endpoint.ts';
import { MatrixError, notFound } from '../../protocol/errors.ts';
import type { Registration } from '../../services/registration/registration.ts';
import type { InteractiveAuth } from '../../services/sessions/interactive-auth.ts';
import { donePage, FALLBACK_STAGES, questionPage } from './auth-fallback-page.ts';
import { CAPTCHA_ANSWERS } from './captcha-page.ts';

const MAX_FORM = 16 * 1024;

/** `POST /_matrix/client/v3/auth/{authType}/fallback/web` · https://spec.matrix.org/v1.19/client-server-api/#fallback */
export const passAuthFallback = endpoint({
  name: 'passAuthFallback',
  extension: 'it is in the text of the specification alone',
  summary: 'The button on the page of a stage',
  method: 'post',
  paths: ['/_matrix/client/r0/auth/{authType}/fallback/web', '/_matrix/client/v3/auth/{authType}/fallback/web'],
  auth: 'none',
  rateLimit: 'registration',
  bodyKind: 'raw',
  query: Type.Object({ session: Type.String() }),
  async handle(
    { params, query, request },
    { interactiveAuth, registration }: { interactiveAuth: InteractiveAuth; registration: Registration },
  ) {
    const { authType } = params;
    if (!FALLBACK_STAGES.includes(authType)) throw notFound('This stage has no form');
    const form = new URLSearchParams(await text(request.stream(MAX_FORM)));
    try {
      const response = CAPTCHA_ANSWERS.map((name) => form.get(name)).find((answer) => answer) ?? '';
      await interactiveAuth.pass(query.session, { type: authType, token: form.get('token') ?? '', response });
    } catch (error) {
      if (!(error instanceof MatrixError) || error.errcode === 'M_LIMIT_EXCEEDED') throw error;
      return questionPage(authType, registration, error.message);
    }
    return donePage();
  },
});
