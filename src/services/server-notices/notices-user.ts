import type { UserId } from '../../protocol/identifiers/user-id.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Profiles } from '../profiles/profiles.ts';

/** In the place of an application service: no person can log in. */
const OWNER = 'igchat.server-notices';

export interface NoticesUserSettings {
  readonly displayName: string;
  readonly avatarUrl: string | undefined;
}

/**
 * Sees to it that the user who brings server notices exists and looks as configured.
 * @throws Error if the name is somebody else's
 */
export async function ensureNoticesUser(
  { accounts, profiles }: { readonly accounts: Accounts; readonly profiles: Profiles },
  userId: string,
  { displayName, avatarUrl }: NoticesUserSettings,
): Promise<void> {
  const account = await accounts.get(userId);
  if (account === undefined) {
    const set = new WriteSet();
    await accounts.addNew(set, { userId: userId as UserId, displayName, appserviceId: OWNER });
    await accounts.commitNew(set, userId);
  } else if (account.appserviceId !== OWNER) {
    throw new Error(`server_notices.localpart: ${userId} is the account of somebody else`);
  }
  await profiles.set(userId, 'displayname', displayName);
  await profiles.set(userId, 'avatar_url', avatarUrl ?? '');
}
