import { endpoint } from '../../../http/endpoint.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import { moderatedAccount } from './moderated-account.ts';

/** `GET /_matrix/client/v1/admin/lock/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1adminlockuserid */
export const getAdminLockUser = endpoint({
  name: 'getAdminLockUser',
  summary: 'Whether an account is locked',
  method: 'get',
  paths: ['/_matrix/client/v1/admin/lock/{userId}'],
  auth: 'admin',
  rateLimit: 'general',
  async handle({ params, requester }, { accounts }: { accounts: Accounts }) {
    return { locked: (await moderatedAccount(accounts, requester, params.userId, false)).isLocked };
  },
});
