import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { Registration } from '../../../services/registration/registration.ts';
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
    username: textOrNull,
    password: textOrNull,
    inhibit_login: Type.Optional(Type.Boolean()),
    ...sessionBody,
  }),
  async handle({ query, body }, { registration }: { registration: Registration }) {
    const options = sessionOptions(body);
    const outcome =
      query.kind === 'guest'
        ? await registration.registerGuest(options)
        : await registration.register({
            ...options,
            username: body.username ?? undefined,
            password: body.password ?? undefined,
            inhibitLogin: body.inhibit_login === true,
            body,
          });
    if (outcome.challenge !== undefined) return challengeReply(outcome.challenge);
    const { userId, session } = outcome;
    return { user_id: userId, home_server: serverOf(userId), ...(session && newSessionBody(session)) };
  },
});
