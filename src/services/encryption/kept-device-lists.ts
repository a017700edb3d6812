import type { JsonObject } from '../../protocol/json.ts';
import type { KeptKeys } from './federated-keys.ts';
import { emptyKeyAnswer, type KeyAnswer, type KeyQuery } from './key-queries.ts';

/** The devices and cross-signing keys of a user, all as JSON text. */
export interface KeptDeviceList {
  readonly devices: readonly {
    readonly device_id: string;
    readonly display_name: string | null;
    readonly keys: string | null;
  }[];
  readonly masterKey: string | null;
  readonly selfSigningKey: string | null;
}

/** Lists of devices of users of other servers that are kept up to date. */
export interface KeptLists {
  /** Those that are. */
  read(userIds: readonly string[]): Promise<ReadonlyMap<string, KeptDeviceList>>;
  want(userIds: readonly string[]): Promise<void>;
}

/** Answers queries of keys from the lists that are kept. */
export class KeptDeviceLists implements KeptKeys {
  private readonly lists: KeptLists;

  constructor(lists: KeptLists) {
    this.lists = lists;
  }

  async answer(query: KeyQuery): Promise<{ readonly known: KeyAnswer; readonly unknown: KeyQuery }> {
    const lists = await this.lists.read(Object.keys(query));
    const known = emptyKeyAnswer();
    for (const [userId, list] of lists) addList(known, userId, list, query[userId] ?? []);
    const unknown = Object.entries(query).filter(([userId]) => !lists.has(userId));
    return { known, unknown: Object.fromEntries(unknown) };
  }

  want(userIds: readonly string[]): Promise<void> {
    return this.lists.want(userIds);
  }
}

function addList(answer: KeyAnswer, userId: string, list: KeptDeviceList, wanted: readonly string[]): void {
  const devices: JsonObject = Object.create(null);
  for (const { device_id: deviceId, display_name: name, keys } of list.devices) {
    if (keys === null || (wanted.length > 0 && !wanted.includes(deviceId))) continue;
    const device = JSON.parse(keys) as JsonObject;
    if (name !== null) device['unsigned'] = { device_display_name: name };
    devices[deviceId] = device;
  }
  answer.device_keys[userId] = devices;
  if (list.masterKey !== null) answer.master_keys[userId] = JSON.parse(list.masterKey) as JsonObject;
  if (list.selfSigningKey !== null) answer.self_signing_keys[userId] = JSON.parse(list.selfSigningKey) as JsonObject;
}
