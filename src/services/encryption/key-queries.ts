import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { CrossSigningUsage } from '../../storage/contract/cross-signing.ts';
import type { NamedDeviceKeysRow } from '../../storage/contract/device-keys.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { SignaturesOnKeys } from './signatures-on-keys.ts';

/** User id to device ids, or to none for all devices: what `POST /keys/query` asks for. */
export type KeyQuery = Readonly<Record<string, readonly string[]>>;

/** Keys by user id; those of devices by device id too. */
export interface KeyAnswer {
  readonly device_keys: JsonObject;
  readonly master_keys: JsonObject;
  readonly self_signing_keys: JsonObject;
  readonly user_signing_keys: JsonObject;
}

const SECTION = {
  master: 'master_keys',
  self_signing: 'self_signing_keys',
  user_signing: 'user_signing_keys',
} as const satisfies Record<CrossSigningUsage, keyof KeyAnswer>;

export function emptyKeyAnswer(): KeyAnswer {
  const object = (): JsonObject => Object.create(null);
  return { device_keys: object(), master_keys: object(), self_signing_keys: object(), user_signing_keys: object() };
}

/**
 * Looks up keys of local users.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysquery
 */
export class KeyQueries {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /**
   * @param viewer who asks: sees the signatures they made, and their own user-signing key; '' for other servers.
   * @param options.names whether the names that owners gave their devices are told.
   */
  async query(query: KeyQuery, viewer: string, options: { names: boolean }): Promise<KeyAnswer> {
    const users = Object.keys(query);
    const answer = emptyKeyAnswer();
    for (const user of users) answer.device_keys[user] = Object.create(null) as JsonObject;
    const found = await this.storage.read(async (tx) => ({
      devices: await tx.deviceKeys.ofUsers(users),
      keys: await tx.crossSigning.keysOf(users),
      signatures: await tx.crossSigning.signatures(users, viewer),
    }));
    const signatures = new SignaturesOnKeys(found.signatures);
    for (const row of found.devices) {
      const wanted = query[row.user_id] ?? [];
      if (wanted.length > 0 && !wanted.includes(row.device_id)) continue;
      const device = signatures.addTo(parsed(row.json), row.user_id, row.device_id);
      if (options.names) addName(device, row);
      (answer.device_keys[row.user_id] as JsonObject)[row.device_id] = device;
    }
    for (const row of found.keys) {
      if (row.usage === 'user_signing' && row.user_id !== viewer) continue;
      const key = signatures.addTo(parsed(row.json), row.user_id, row.public_key);
      answer[SECTION[row.usage]][row.user_id] = key;
    }
    return answer;
  }
}

function parsed(json: string): JsonObject {
  return JSON.parse(json) as JsonObject;
}

function addName(device: JsonObject, row: NamedDeviceKeysRow): void {
  if (row.display_name === null) return;
  const unsigned: JsonObject = isJsonObject(device['unsigned']) ? device['unsigned'] : {};
  unsigned['device_display_name'] = row.display_name;
  device['unsigned'] = unsigned;
}
