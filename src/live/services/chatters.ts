/** Who has chatted in a channel before, also before the server was started: asked for once, and written down soon. */
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import { liveArea } from '../store/live-area.ts';

export class Chatters {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #known: Lru<string, boolean>;
  readonly #max: number;
  #unsaved: { channel_id: string; user_id: string; first_at: number }[] = [];

  /** `max`: those who are remembered, and who wait to be written down. */
  constructor(storage: Storage, clock: Clock, max: number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#max = max;
    this.#known = new Lru({ max });
  }

  /** By memory alone. */
  isKnown(channelId: string, userId: string): boolean {
    return this.#known.get(`${channelId} ${userId}`) === true;
  }

  async has(channelId: string, userId: string): Promise<boolean> {
    const key = `${channelId} ${userId}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const has = await this.#storage.readArea(liveArea, (store) => store.hasChatted(channelId, userId));
    // Somebody may have been noted meanwhile.
    if (this.#known.get(key) === undefined) this.#known.set(key, has);
    return has || this.isKnown(channelId, userId);
  }

  /** Notes a message that got in. */
  note(channelId: string, userId: string): void {
    if (this.isKnown(channelId, userId)) return;
    this.#known.set(`${channelId} ${userId}`, true);
    if (this.#unsaved.length >= this.#max) return;
    this.#unsaved.push({ channel_id: channelId, user_id: userId, first_at: this.#clock.now() });
  }

  async flush(): Promise<void> {
    const rows = this.#unsaved;
    if (rows.length === 0) return;
    this.#unsaved = [];
    const set = new WriteSet();
    for (const row of rows) set.add('live.chatters.note', row);
    try {
      await this.#storage.commit(set);
    } catch (error) {
      this.#unsaved = [...rows, ...this.#unsaved].slice(0, this.#max);
      throw error;
    }
  }

  /** Forgets an erased user. */
  async forget(userId: string): Promise<void> {
    this.#unsaved = this.#unsaved.filter(({ user_id }) => user_id !== userId);
    await this.#storage.commit(new WriteSet().add('live.chatters.forget', { user_id: userId }));
  }
}
