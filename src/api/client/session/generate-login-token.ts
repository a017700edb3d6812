import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import type { LoginTokens } from '../../../services/sessions/login-tokens.ts';
import { authData, challengeReply } from '../interactive-auth.ts';

/** `POST /_matrix/client/v1/login/get_token` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv1loginget_token */
export const generateLoginToken = endpoint({
  name: 'generateLoginToken',
  summary: 'Makes a token with which another device can log in',
  method: 'post',
  paths: ['/_matrix/client/v1/login/get_token'],
  auth: 'accessToken',
  rateLimit: 'login',
  allow: { suspended: true },
  body: Type.Object({ auth: authData }),
  async handle(
    { body, requester },
    { interactiveAuth, loginTokens }: { interactiveAuth: InteractiveAuth; loginTokens: LoginTokens },
  ) {
    // Every further device has to be confirmed anew.
    const { challenge } = await interactiveAuth.confirm(requester.userId, 'generateLoginToken', body, true);
    if (challenge) return challengeReply(challenge);
    return { login_token: await loginTokens.create(requester.userId), expires_in_ms: loginTokens.lifetime };
  },
});
