import { endpoint } from '../../../http/endpoint.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import { moderatedAccount } from './moderated-account.ts';

/** `GET /_matrix/client/v1/admin/suspend/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1adminsuspenduserid */
export const getAdminSuspendUser = endpoint({
  name: 'getAdminSuspendUser',
  summary: 'Whether an account is suspended',
  method: 'get',
  paths: ['/_matrix/client/v1/admin/suspend/{userId}'],
  auth: 'admin',
  rateLimit: 'general',
  async handle({ params, requester }, { accounts }: { accounts: Accounts }) {
    return { suspended: (await moderatedAccount(accounts, requester, params.userId, false)).isSuspended };
  },
});
