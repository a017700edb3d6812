import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import { moderatedAccount } from './moderated-account.ts';

/** `PUT /_matrix/client/v1/admin/suspend/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv1adminsuspenduserid */
export const setAdminSuspendUser = endpoint({
  name: 'setAdminSuspendUser',
  summary: 'Suspends an account, or ends its suspension',
  method: 'put',
  paths: ['/_matrix/client/v1/admin/suspend/{userId}'],
  auth: 'admin',
  rateLimit: 'general',
  body: Type.Object({ suspended: Type.Boolean() }),
  async handle({ params, body, requester }, { accounts }: { accounts: Accounts }) {
    const { userId } = await moderatedAccount(accounts, requester, params.userId, true);
    await accounts.setSuspended(userId, body.suspended);
    return { suspended: body.suspended };
  },
});
