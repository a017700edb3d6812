import type { Leftovers } from '../../services/erasure/erasure.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Replay } from './replay.ts';

/** What erased users leave in channels beside their events: in replays, before moderators, and their appeals. */
export class ErasedChatters implements Leftovers {
  readonly #storage: Storage;
  readonly #replay: Pick<Replay, 'deleteOf'>;

  constructor(storage: Storage, replay: Pick<Replay, 'deleteOf'>) {
    this.#storage = storage;
    this.#replay = replay;
  }

  async deleteOf(userId: string, limit: number): Promise<boolean> {
    if (await this.#replay.deleteOf(userId, limit)) return true;
    const set = new WriteSet().add('live.held.forget', { sender: userId });
    await this.#storage.commit(set.add('live.unbanRequests.forget', { user_id: userId }));
    return false;
  }
}
