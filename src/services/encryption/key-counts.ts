import type { Storage } from '../../storage/contract/storage.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';

/** What a device is told of its keys in each sync. */
export interface DeviceKeyCounts {
  /** Unclaimed one-time keys by algorithm; `signed_curve25519` is always there. */
  readonly oneTimeKeyCounts: Readonly<Record<string, number>>;
  readonly unusedFallbackKeyTypes: readonly string[];
}

/** The counts of one-time keys of devices, in memory for those that sync. */
export class KeyCounts {
  private readonly known: Lru<string, Promise<DeviceKeyCounts>>;
  private readonly storage: Storage;
  private readonly notices: NoticeBoard;

  constructor(storage: Storage, notices: NoticeBoard, limits: { devices: number }) {
    this.storage = storage;
    this.notices = notices;
    this.known = new Lru({ max: limits.devices });
  }

  /** Source: https://spec.matrix.org/v1.19/client-server-api/#e2e-extensions-to-sync */
  counts(userId: string, deviceId: string): Promise<DeviceKeyCounts> {
    const key = `${userId}\0${deviceId}`;
    const known = this.known.get(key);
    if (known) return known;
    const reading = this.read(userId, deviceId);
    this.known.set(key, reading);
    reading.catch(() => {
      if (this.known.peek(key) === reading) this.known.delete(key);
    });
    return reading;
  }

  /** Registers with a write set that it changes the keys of a device. */
  changedBy(set: WriteSet, userId: string, deviceId: string): void {
    set.onCommitted(() => {
      this.known.delete(`${userId}\0${deviceId}`);
      this.notices.publish('keyCounts', { userId, deviceId });
    });
  }

  private read(userId: string, deviceId: string): Promise<DeviceKeyCounts> {
    return this.storage.read(async (tx) => {
      const counts: Record<string, number> = Object.create(null);
      // Clients read an absent count as zero and an absent list as no support.
      counts['signed_curve25519'] = 0;
      for (const { algorithm, keys } of await tx.deviceKeys.oneTimeKeyCounts(userId, deviceId)) {
        counts[algorithm] = keys;
      }
      const fallback = await tx.deviceKeys.fallbackKeys(userId, deviceId);
      return {
        oneTimeKeyCounts: counts,
        unusedFallbackKeyTypes: fallback.filter((key) => key.used === 0).map((key) => key.algorithm),
      };
    });
  }
}
