import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { OneTimeKeyRow } from '../../storage/contract/device-keys.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { decideAgainOnConflict } from './decide-again.ts';
import type { KeyCounts } from './key-counts.ts';

/** User id to device id to algorithm: what `POST /keys/claim` asks for. */
export type ClaimRequest = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One key that is wanted. */
interface Wanted {
  readonly userId: string;
  readonly deviceId: string;
  readonly algorithm: string;
}

interface Claimed {
  readonly key_id: string;
  readonly json: string;
}

/** Claims that are under way at once. */
const PARALLEL = 64;

/**
 * Gives out one-time keys of local devices: the oldest first, each to one claimer only, then the fallback key.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysclaim
 */
export class KeyClaims {
  private readonly storage: Storage;
  private readonly keyCounts: KeyCounts;
  /** Ids of keys that are being given out, by device and algorithm: claimers at the same time get different ones. */
  private readonly underWay = new Map<string, Set<string>>();

  constructor(storage: Storage, keyCounts: KeyCounts) {
    this.storage = storage;
    this.keyCounts = keyCounts;
  }

  /** The keys by user, device and `<algorithm>:<key_id>`; devices without keys are left out. */
  async claim(request: ClaimRequest): Promise<JsonObject> {
    const wanted = Object.entries(request).flatMap(([userId, devices]) =>
      Object.entries(devices).map(([deviceId, algorithm]) => ({ userId, deviceId, algorithm })),
    );
    const answer: JsonObject = Object.create(null);
    for (let i = 0; i < wanted.length; i += PARALLEL) {
      const part = wanted.slice(i, i + PARALLEL);
      const keys = await Promise.all(part.map((one) => this.claimOne(one)));
      part.forEach((one, j) => {
        const key = keys[j];
        if (key) put(answer, one, key);
      });
    }
    return answer;
  }

  private claimOne(wanted: Wanted): Promise<Claimed | undefined> {
    return decideAgainOnConflict(async () => {
      const key = await this.reserve(wanted);
      if (!key) return this.useFallback(wanted);
      const set = new WriteSet();
      const { user_id, device_id, algorithm, key_id } = key;
      set.add('one_time_keys.claim', { user_id, device_id, algorithm, key_id });
      this.keyCounts.changedBy(set, user_id, device_id);
      try {
        await this.storage.commit(set);
      } finally {
        this.release(wanted, key_id);
      }
      return key;
    });
  }

  /** The oldest key that nobody else is being given; undefined if none is left. */
  private async reserve(wanted: Wanted): Promise<OneTimeKeyRow | undefined> {
    const { userId, deviceId, algorithm } = wanted;
    const name = nameOf(wanted);
    for (;;) {
      const limit = (this.underWay.get(name)?.size ?? 0) + 1;
      const rows = await this.storage.read((tx) => tx.deviceKeys.nextOneTimeKeys(userId, deviceId, algorithm, limit));
      const reserved = this.underWay.get(name) ?? new Set();
      const free = rows.find((row) => !reserved.has(row.key_id));
      if (free) {
        this.underWay.set(name, reserved.add(free.key_id));
        return free;
      }
      if (rows.length < limit) return undefined;
    }
  }

  private release(wanted: Wanted, keyId: string): void {
    const name = nameOf(wanted);
    const reserved = this.underWay.get(name);
    reserved?.delete(keyId);
    if (reserved?.size === 0) this.underWay.delete(name);
  }

  private async useFallback({ userId, deviceId, algorithm }: Wanted): Promise<Claimed | undefined> {
    const keys = await this.storage.read((tx) => tx.deviceKeys.fallbackKeys(userId, deviceId));
    const key = keys.find((row) => row.algorithm === algorithm);
    if (key?.used === 0) {
      const set = new WriteSet();
      set.add('fallback_keys.use', { user_id: userId, device_id: deviceId, algorithm, key_id: key.key_id });
      this.keyCounts.changedBy(set, userId, deviceId);
      await this.storage.commit(set);
    }
    return key;
  }
}

function nameOf({ userId, deviceId, algorithm }: Wanted): string {
  return `${userId}\0${deviceId}\0${algorithm}`;
}

function put(answer: JsonObject, { userId, deviceId, algorithm }: Wanted, { key_id, json }: Claimed): void {
  answer[userId] ??= Object.create(null) as JsonObject;
  const devices = answer[userId] as JsonObject;
  const key: JsonObject = Object.create(null);
  key[`${algorithm}:${key_id}`] = JSON.parse(json) as JsonValue;
  devices[deviceId] = key;
}
