import Type from 'typebox';
import { accessTokenOf } from '../../../http/authenticate.ts';
import { endpoint } from '../../../http/endpoint.ts';
import { missingParam } from '../../../protocol/errors.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { AppserviceUsers } from '../../../services/appservices/appservice-users.ts';
import type { Registration } from '../../../services/registration/registration.ts';
import type { NewSession } from '../../../services/sessions/sessions.ts';
import { authData, challengeReply } from '../interactive-auth.ts';
import { newSessionBody, sessionBody, sessionOptions, textOrNull } from '../session/session-body.ts';

/** `POST /_matrix/client/v3/register` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3register */
export const register = endpoint({
  name: 'register',
  summary: 'Makes an account',
  method: 'post',
  paths: ['/_matrix/client/r0/register', '/_matrix/client/v3/register'],
  auth: 'none',
  rateLimit: 'registration',
  query: Type.Object({ kind: Type.Optional(Type.Union([Type.Literal('guest'), Type.Literal('user')])) }),
  body: Type.Object({
    auth: authData,
    type: textOrNull,
    username: textOrNull,
    password: textOrNull,
    guest_access_token: textOrNull,
    inhibit_login: Type.Optional(Type.Boolean()),
    ...sessionBody,
  }),
  async handle(
    { query, body, request },
    { registration, appserviceUsers }: { registration: Registration; appserviceUsers: AppserviceUsers },
  ) {
    const options = { ...sessionOptions(body), inhibitLogin: body.inhibit_login === true };
    if (body.type === 'm.login.application_service') {
      if (typeof body.username !== 'string') throw missingParam('"username" is missing');
      return answer(await appserviceUsers.register(accessTokenOf(request), body.username, options));
    }
    const outcome =
      query.kind === 'guest'
        ? await registration.registerGuest(options)
        : await registration.register({
            ...options,
            username: body.username ?? undefined,
            password: body.password ?? undefined,
            guestAccessToken: body.guest_access_token ?? undefined,
            body,
          });
    if (outcome.challenge !== undefined) return challengeReply(outcome.challenge);
    return answer(outcome);
  },
});

function answer({ userId, session }: { userId: string; session?: NewSession }) {
  return { user_id: userId, home_server: serverOf(userId), ...(session && newSessionBody(session)) };
}
