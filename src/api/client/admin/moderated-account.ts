import type { Requester } from '../../../http/requester.ts';
import { forbidden, invalidParam, notFound } from '../../../protocol/errors.ts';
import type { Account, Accounts } from '../../../services/accounts/accounts.ts';

/**
 * The account that an administrator looks at, or wants to suspend or lock.
 *
 * @throws 400 `M_INVALID_PARAM` for users of other servers; 403 `M_FORBIDDEN` for other administrators and, when
 * `toChange`, for oneself; 404 `M_NOT_FOUND`
 */
export async function moderatedAccount(
  accounts: Accounts,
  requester: Requester,
  userId: string,
  toChange: boolean,
): Promise<Account> {
  if (!accounts.isLocal(userId)) throw invalidParam('This user is not one of this server');
  if (toChange && requester.userId === userId) throw forbidden('You cannot do this to yourself');
  const account = await accounts.get(userId);
  if (account === undefined || account.isDeactivated) throw notFound('There is no such user');
  if (account.isAdmin && requester.userId !== userId) throw forbidden('This user is an administrator, too');
  return account;
}
