import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Profiles } from '../../../services/profiles/profiles.ts';

/** `GET /_matrix/client/v3/profile/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuserid */
export const getUserProfile = endpoint({
  name: 'getUserProfile',
  summary: 'What a user tells of themself',
  method: 'get',
  paths: [
    '/_matrix/client/r0/profile/{userId}',
    '/_matrix/client/v3/profile/{userId}',
    '/_matrix/client/unstable/uk.tcpip.msc4133/profile/{userId}',
  ],
  auth: 'none',
  rateLimit: 'general',
  async handle({ params }, { accounts, profiles }: { accounts: Accounts; profiles: Profiles }) {
    if (!(await accounts.exists(params.userId))) throw notFound('There is no such user');
    return profiles.get(params.userId);
  },
});
