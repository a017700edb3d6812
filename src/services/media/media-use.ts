import type { LocalMediaRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';

/** What was written down is written down again after this long. */
const USE_MS = 3_600_000;
/** Rows of one write set. */
const BATCH = 500;
/** More files than this are not remembered until the next time they are asked for. */
const MOST = 100_000;

/** Remembers about when files of this server were last asked for, and writes it down now and then: never a write for a request. */
export class MediaUse {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #used = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  note({ media_id: mediaId, used_at: usedAt }: Pick<LocalMediaRow, 'media_id' | 'used_at'>): void {
    const now = this.#clock.now();
    const isKnown = usedAt !== null && now < usedAt + USE_MS;
    if (!isKnown && this.#used.size < MOST) this.#used.set(mediaId, now);
  }

  /** Writes down what was noted, after what is being written; what cannot be written is noted again. */
  flush(): Promise<void> {
    const write = () => this.#write();
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const all = [...this.#used];
    this.#used.clear();
    for (let i = 0; i < all.length; i += BATCH) {
      const set = new WriteSet();
      for (const [media_id, used_at] of all.slice(i, i + BATCH)) set.add('local_media.use', { media_id, used_at });
      try {
        await this.#storage.commit(set);
      } catch (error) {
        for (const [mediaId, usedAt] of all.slice(i)) this.#used.set(mediaId, this.#used.get(mediaId) ?? usedAt);
        throw error;
      }
    }
  }
}
