import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { missingParam } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import { checkFieldName } from '../../../services/profiles/profile-field.ts';
import type { Profiles } from '../../../services/profiles/profiles.ts';
import { checkProfileOwner } from './check-profile-owner.ts';

/** `PUT /_matrix/client/v3/profile/{userId}/{keyName}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3profileuseridkeyname */
export const setProfileField = endpoint({
  name: 'setProfileField',
  summary: 'Sets a field of the profile of the user',
  method: 'put',
  paths: [
    '/_matrix/client/r0/profile/{userId}/{keyName}',
    '/_matrix/client/v3/profile/{userId}/{keyName}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  body: jsonObject,
  async handle({ params, body, requester }, { accounts, profiles }: { accounts: Accounts; profiles: Profiles }) {
    const { userId, keyName } = params;
    await checkProfileOwner(accounts, requester, userId);
    checkFieldName(keyName);
    const value = body[keyName];
    if (value === undefined) throw missingParam(`"${keyName}" is missing`);
    await profiles.set(userId, keyName, value);
    return {};
  },
});
