import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import { moderatedAccount } from './moderated-account.ts';

/** `PUT /_matrix/client/v1/admin/lock/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv1adminlockuserid */
export const setAdminLockUser = endpoint({
  name: 'setAdminLockUser',
  summary: 'Locks an account, or unlocks it',
  method: 'put',
  paths: ['/_matrix/client/v1/admin/lock/{userId}'],
  auth: 'admin',
  rateLimit: 'general',
  body: Type.Object({ locked: Type.Boolean() }),
  async handle({ params, body, requester }, { accounts }: { accounts: Accounts }) {
    const { userId } = await moderatedAccount(accounts, requester, params.userId, true);
    await accounts.setLocked(userId, body.locked);
    return { locked: body.locked };
  },
});
