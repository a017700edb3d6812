import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { missingToken } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Passwords } from '../../../services/accounts/passwords.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import { askOwner, authData } from '../interactive-auth.ts';

interface Needs {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly devices: Devices;
  readonly interactiveAuth: InteractiveAuth;
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
  async handle({ body, requester }, { accounts, passwords, devices, interactiveAuth }: Needs) {
    // Who has lost the session can prove nothing here: there is no mail address to write to.
    if (requester === undefined) throw missingToken();
    passwords.checkStrength(body.new_password);
    const question = await askOwner(interactiveAuth, requester, 'changePassword', body);
    if (question) return question;
    await accounts.setPassword(requester.userId, body.new_password);
    if (body.logout_devices !== false) await devices.deleteAll(requester.userId, requester.deviceId);
    return {};
  },
});
