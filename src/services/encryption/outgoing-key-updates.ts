import type { DeviceListUpdateContent, Edu, SigningKeyUpdateContent } from '../../protocol/events/edu.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { OutgoingEduKind, type OutgoingEduRow } from '../../storage/contract/outbox.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { KeyAnswer, KeyQueries } from './key-queries.ts';

/**
 * What other servers are told when devices or keys of local users change: how they are when that is sent.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#device-management
 */
export class OutgoingKeyUpdates {
  private readonly storage: Storage;
  private readonly queries: KeyQueries;

  private readonly settings: { readonly deviceNames: boolean };

  /** @param settings.deviceNames whether the names that owners gave their devices are told. */
  constructor(storage: Storage, queries: KeyQueries, settings: { readonly deviceNames: boolean }) {
    this.storage = storage;
    this.queries = queries;
    this.settings = settings;
  }

  /** An EDU for each row; none where there is nothing left to tell. */
  async edusOf(rows: readonly OutgoingEduRow[]): Promise<(Edu | undefined)[]> {
    const users = [...new Set(rows.map((row) => row.user_id))];
    const query = Object.fromEntries(users.map((user) => [user, []]));
    const keys = await this.queries.query(query, '', { names: this.settings.deviceNames });
    const devices = await this.storage.read((tx) => tx.toDevice.devicesOf(users));
    const existing = new Set(devices.map((row) => `${row.user_id}\0${row.device_id}`));
    return rows.map((row) =>
      row.kind === OutgoingEduKind.signingKeys
        ? signingKeyUpdate(row.user_id, keys)
        : deviceListUpdate(row, keys, existing.has(`${row.user_id}\0${row.device_id}`)),
    );
  }
}

function deviceListUpdate(row: OutgoingEduRow, keys: KeyAnswer, exists: boolean): Edu {
  const content: DeviceListUpdateContent = {
    user_id: row.user_id,
    device_id: row.device_id,
    stream_id: row.stream_id,
    prev_id: row.prev_id === null ? [] : [row.prev_id],
  };
  const ofUser = keys.device_keys[row.user_id];
  const ofDevice = isJsonObject(ofUser) && Object.hasOwn(ofUser, row.device_id) ? ofUser[row.device_id] : undefined;
  if (!exists) content.deleted = true;
  else if (isJsonObject(ofDevice)) content.keys = ofDevice;
  const name = isJsonObject(ofDevice) && isJsonObject(ofDevice['unsigned']) ? ofDevice['unsigned'] : {};
  if (typeof name['device_display_name'] === 'string') content.device_display_name = name['device_display_name'];
  return { edu_type: 'm.device_list_update', content };
}

function signingKeyUpdate(userId: string, keys: KeyAnswer): Edu | undefined {
  const master = keyOf(keys.master_keys, userId);
  const selfSigning = keyOf(keys.self_signing_keys, userId);
  if (!master && !selfSigning) return undefined;
  const content: SigningKeyUpdateContent = { user_id: userId };
  if (master) content.master_key = master;
  if (selfSigning) content.self_signing_key = selfSigning;
  return { edu_type: 'm.signing_key_update', content };
}

function keyOf(section: JsonObject, userId: string): JsonObject | undefined {
  const key = Object.hasOwn(section, userId) ? section[userId] : undefined;
  return isJsonObject(key) ? key : undefined;
}
