import type { Leftovers } from '../../services/erasure/erasure.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Chatters } from './chatters.ts';
import type { Replay } from './replay.ts';

/** What erased users leave in channels beside their events: in replays, before moderators, and their appeals. */
export class ErasedChatters implements Leftovers {
  readonly #storage: Storage;
  readonly #replay: Pick<Replay, 'deleteOf'>;
  readonly #chatters: Pick<Chatters, 'forget'>;

  constructor(storage: Storage, replay: Pick<Replay, 'deleteOf'>, chatters: Pick<Chatters, 'forget'>) {
    this.#chatters = chatters;
    this.#storage = storage;
    this.#replay = replay;
  }

  async deleteOf(userId: string, limit: number): Promise<boolean> {
    if (await this.#replay.deleteOf(userId, limit)) return true;
    await this.#chatters.forget(userId);
    const set = new WriteSet().add('live.held.forget', { sender: userId });
    await this.#storage.commit(set.add('live.unbanRequests.forget', { user_id: userId }));
    return false;
  }
}
