import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { Reply } from '../../../http/reply.ts';
import { forbidden, MatrixError, missingToken } from '../../../protocol/errors.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Passwords } from '../../../services/accounts/passwords.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import type { Login } from '../../../services/sessions/login.ts';
import { EMAIL } from '../../../services/sessions/stages.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { askOwner, authData, challengeReply } from '../interactive-auth.ts';

interface Needs {
  readonly accounts: Accounts;
  readonly login: Login;
  readonly passwords: Passwords;
  readonly devices: Devices;
  readonly interactiveAuth: InteractiveAuth;
  readonly thirdPartyIds: ThirdPartyIds;
}

/** `POST /_matrix/client/v3/account/password` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpassword */
export const changePassword = endpoint({
  name: 'changePassword',
  summary: 'Sets a new password, and unless told otherwise ends all other sessions',
  method: 'post',
  paths: ['/_matrix/client/r0/account/password', '/_matrix/client/v3/account/password'],
  auth: 'optional',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({
    new_password: Type.String(),
    logout_devices: Type.Optional(Type.Boolean()),
    auth: authData,
  }),
  async handle({ body, requester }, { accounts, login, passwords, devices, interactiveAuth, thirdPartyIds }: Needs) {
    if (!login.hasPasswords) throw forbidden('People do not log in with passwords here');
    if (requester === undefined && !thirdPartyIds.hasEmail) throw missingToken();
    passwords.checkStrength(body.new_password);
    const owner = requester ?? (await ownerOfAddress(interactiveAuth, thirdPartyIds, body));
    if (owner instanceof Reply) return owner;
    const question = requester && (await askOwner(interactiveAuth, requester, 'changePassword', body));
    if (question) return question;
    await accounts.setPassword(owner.userId, body.new_password);
    if (body.logout_devices !== false) await devices.deleteAll(owner.userId, owner.deviceId);
    return {};
  },
});

/** Who has forgotten the password, and reads the mail of an address: the challenge, or who has the address. */
async function ownerOfAddress(
  interactiveAuth: InteractiveAuth,
  thirdPartyIds: ThirdPartyIds,
  body: JsonObject,
): Promise<Reply | { readonly userId: string; readonly deviceId?: undefined }> {
  const outcome = await interactiveAuth.authorize({
    operation: 'changePassword',
    userId: undefined,
    body,
    flows: [[EMAIL]],
    bindsBody: true,
    isOnce: true,
  });
  if (outcome.challenge !== undefined) return challengeReply(outcome.challenge);
  const userId = await thirdPartyIds.userOf(outcome.details.get(EMAIL) ?? '');
  if (userId === undefined) throw new MatrixError('M_THREEPID_NOT_FOUND');
  return { userId };
}
