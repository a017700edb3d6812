import type { Requester } from '../../../http/requester.ts';
import { forbidden, notFound } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';

/**
 * People change their own profile, administrators also those of others.
 *
 * @throws 403 `M_FORBIDDEN`; 404 `M_NOT_FOUND` if an administrator names nobody.
 */
export async function checkProfileOwner(accounts: Accounts, requester: Requester, userId: string): Promise<void> {
  if (requester.userId === userId) return;
  if (!requester.isAdmin) throw forbidden('You cannot change the profile of another user');
  if (!(await accounts.exists(userId))) throw notFound('There is no such user');
}
