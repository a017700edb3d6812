import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Profiles } from '../../../services/profiles/profiles.ts';

/** `GET /_matrix/client/v3/profile/{userId}/{keyName}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuseridkeyname */
export const getProfileField = endpoint({
  name: 'getProfileField',
  summary: 'One field of the profile of a user',
  method: 'get',
  paths: [
    '/_matrix/client/r0/profile/{userId}/{keyName}',
    '/_matrix/client/v3/profile/{userId}/{keyName}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}/{keyName}',
  ],
  auth: 'none',
  rateLimit: 'general',
  async handle({ params }, { accounts, profiles }: { accounts: Accounts; profiles: Profiles }) {
    const { userId, keyName } = params;
    if (!(await accounts.exists(userId))) throw notFound('There is no such user');
    const value = (await profiles.get(userId))[keyName];
    if (value === undefined) throw notFound('The profile has no such field');
    return { [keyName]: value };
  },
});
