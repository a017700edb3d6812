/** What was taken off the screens of a channel and stays in its room: it does not come back to whoever comes later. */
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { liveArea } from '../store/live-area.ts';
import type { LiveRoom } from './live-rooms.ts';

/** What was said, and where it is in the log of the server. */
export interface Said {
  readonly sender: string;
  readonly position: number;
}

export interface Cleared {
  /** Whether it was cleared from screens, with all or with what its sender said. */
  has(said: Said): boolean;
  /** Whether it was cleared with what its sender said. */
  hasOf(said: Said): boolean;
}

/** Stands for all users. */
const ALL = '';

export class Clearings {
  readonly #storage: Storage;
  readonly #clock: Clock;
  /** Milliseconds for which they are kept: no less than what is said. */
  readonly #lifeMs: number;

  constructor(storage: Storage, clock: Clock, lifeMs: number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  /** Notes that all, or all of a user, was cleared up to a place of the log. */
  async note({ channelId: channel_id }: LiveRoom, place: number, userId = ALL): Promise<void> {
    const row = { channel_id, user_id: userId, place, cleared_at: this.#clock.now() };
    await this.#storage.commit(new WriteSet().add('live.clearings.put', row));
  }

  async of(channelId: string): Promise<Cleared> {
    const rows = await this.#storage.readArea(liveArea, (store) => store.clearings(channelId));
    const places = new Map(rows.map(({ user_id, place }) => [user_id, place]));
    const isBefore = (userId: string, position: number) => position <= (places.get(userId) ?? 0);
    return {
      has: ({ sender, position }) => isBefore(ALL, position) || isBefore(sender, position),
      hasOf: ({ sender, position }) => isBefore(sender, position),
    };
  }

  async expire(): Promise<void> {
    await this.#storage.commit(new WriteSet().add('live.clearings.trim', { before: this.#clock.now() - this.#lifeMs }));
  }
}
