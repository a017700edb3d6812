import { endpoint } from '../../../http/endpoint.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Profiles } from '../../../services/profiles/profiles.ts';
import { checkProfileOwner } from './check-profile-owner.ts';

/** `DELETE /_matrix/client/v3/profile/{userId}/{keyName}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3profileuseridkeyname */
export const deleteProfileField = endpoint({
  name: 'deleteProfileField',
  summary: 'Takes a field away from the profile of the user',
  method: 'delete',
  paths: [
    '/_matrix/client/v3/profile/{userId}/{keyName}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { accounts, profiles }: { accounts: Accounts; profiles: Profiles }) {
    await checkProfileOwner(accounts, requester, params.userId);
    await profiles.delete(params.userId, params.keyName);
    return {};
  },
});
