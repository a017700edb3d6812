import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';

/** When, from where and with what a device was used. */
export interface Sighting {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly address: string;
  readonly userAgent: string | undefined;
}

const MAX_USER_AGENT = 400;
/** Rows of one write set. */
const BATCH = 500;

/** Remembers when devices were last used, and writes it down now and then: never a write for a request. */
export class LastSeen {
  readonly #storage: Storage;
  readonly #notices: NoticeBoard;
  readonly #sightings = new Map<string, Map<string, Sighting>>();

  constructor(storage: Storage, notices: NoticeBoard) {
    this.#storage = storage;
    this.#notices = notices;
  }

  note(userId: string, deviceId: string, sighting: Sighting): void {
    const devices = this.#sightings.get(userId);
    if (devices) devices.set(deviceId, sighting);
    else this.#sightings.set(userId, new Map([[deviceId, sighting]]));
  }

  /** What is not written down yet. */
  pending(userId: string, deviceId: string): Sighting | undefined {
    return this.#sightings.get(userId)?.get(deviceId);
  }

  /** Writes down what was noted; what cannot be written is noted again. */
  async flush(): Promise<void> {
    const all = [...this.#sightings].flatMap(([userId, devices]) =>
      [...devices].map(([deviceId, sighting]) => ({ userId, deviceId, sighting })),
    );
    const userIds = [...this.#sightings.keys()];
    if (userIds.length > 0) this.#notices.publish('seen', { userIds });
    this.#sightings.clear();
    for (let i = 0; i < all.length; i += BATCH) {
      const set = new WriteSet();
      for (const { userId, deviceId, sighting } of all.slice(i, i + BATCH)) {
        set.add('devices.seen', {
          user_id: userId,
          device_id: deviceId,
          last_seen_ts: sighting.at,
          last_seen_ip: sighting.address,
          last_seen_user_agent: sighting.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
        });
      }
      try {
        await this.#storage.commit(set);
      } catch (error) {
        for (const { userId, deviceId, sighting } of all.slice(i)) {
          if (this.pending(userId, deviceId) === undefined) this.note(userId, deviceId, sighting);
        }
        throw error;
      }
    }
  }
}
