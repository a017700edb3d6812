import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { SharedSecretRegistration } from '../../../services/registration/shared-secret-registration.ts';
import { newSessionBody, textOrNull } from '../../client/session/session-body.ts';

/** `POST /_synapse/admin/v1/register` · https://element-hq.github.io/synapse/latest/admin_api/register_api.html */
export const registerWithSharedSecret = endpoint({
  name: 'registerWithSharedSecret',
  summary: 'Makes an account for whoever knows the shared secret of the configuration',
  extension: 'the admin API of Synapse, which scripts and test suites use',
  method: 'post',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'registration',
  body: Type.Object({
    nonce: Type.String(),
    username: Type.String(),
    password: Type.String(),
    admin: Type.Optional(Type.Boolean()),
    user_type: textOrNull,
    displayname: textOrNull,
    mac: Type.String(),
  }),
  async handle({ body }, { sharedSecretRegistration }: { sharedSecretRegistration: SharedSecretRegistration }) {
    const session = await sharedSecretRegistration.register({
      nonce: body.nonce,
      username: body.username,
      password: body.password,
      isAdmin: body.admin === true,
      userType: body.user_type ?? undefined,
      mac: body.mac,
    });
    return { user_id: session.userId, home_server: serverOf(session.userId), ...newSessionBody(session) };
  },
});
