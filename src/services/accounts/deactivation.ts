import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Devices } from '../devices/devices.ts';
import type { NoticeBoard } from '../events.ts';
import type { Profiles } from '../profiles/profiles.ts';

export interface DeactivationDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly notices: NoticeBoard;
  readonly devices: Devices;
  readonly profiles: Profiles;
}

/**
 * Ends accounts for good: nobody can log in or take the name again.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#account-deactivation
 */
export class Deactivation {
  readonly #with: DeactivationDependencies;

  constructor(dependencies: DeactivationDependencies) {
    this.#with = dependencies;
  }

  /**
   * Deletes password, addresses, devices, keys and their backups, tokens, pushers, profile, account data and filters; rooms are
   * left afterwards, and files deleted if that is wanted, by whoever listens to `accountDeactivated`. Nothing happens if the account is deactivated already.
   *
   * @param erase whether nobody new may see what the user wrote.
   */
  async deactivate(userId: string, erase: boolean): Promise<void> {
    const { storage, clock, notices, devices, profiles } = this.#with;
    const known = await devices.of(userId);
    const set = new WriteSet();
    set.add('users.deactivate', {
      user_id: userId,
      deactivated_at: clock.now(),
      erased: erase ? 1 : 0,
      // Whoever comes into a room from now on comes later.
      erased_position: erase ? Math.max(1, storage.head) : 0,
    });
    devices.addDeletion(
      set,
      userId,
      known.map((device) => device.deviceId),
    );
    set.add('login_tokens.deleteOf', { user_id: userId });
    set.add('openid_tokens.deleteOf', { user_id: userId });
    profiles.addDeletion(set, userId);
    set.add('account_data.deleteUser', { user_id: userId });
    set.add('filters.deleteUser', { user_id: userId });
    set.add('third_party_ids.deleteOf', { user_id: userId });
    set.add('pushers.deleteOf', { user_id: userId });
    set.add('dehydrated_devices.delete', { user_id: userId });
    set.add('cross_signing_keys.deleteOf', { user_id: userId });
    set.add('key_signatures.deleteOf', { user_id: userId });
    set.add('key_backups.deleteOf', { user_id: userId });
    set.add('key_backup_sessions.deleteOf', { user_id: userId });
    set.onCommitted(() => {
      notices.publish('account', { userId });
      notices.publish('accountDeactivated', { userId, erase });
    });
    try {
      await storage.commit(set);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}
