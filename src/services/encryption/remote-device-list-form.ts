import { isDeepStrictEqual } from 'node:util';
import { isBoundedText } from '../../protocol/identifiers/brand.ts';
import { isDeviceId } from '../../protocol/identifiers/device-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { RemoteDeviceListRow, RemoteDeviceRow } from '../../storage/contract/remote-device-lists.ts';

/** A change of one device, as its user's server tells it. */
export interface DeviceUpdate {
  readonly userId: string;
  readonly streamId: number;
  readonly prevIds: readonly number[];
  readonly deviceId: string;
  readonly isDeleted: boolean;
  readonly device: RemoteDeviceRow;
}

/** A list as a whole. */
export interface WholeList {
  readonly streamId: number;
  readonly devices: readonly RemoteDeviceRow[];
  readonly masterKey: string | null;
  readonly selfSigningKey: string | null;
}

/** Devices of one user that are believed. */
const MOST_DEVICES = 10_000;
/** Characters of the JSON of a key: beyond, it is none. */
const MOST_KEY_TEXT = 65_536;

const isCount = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Source: https://spec.matrix.org/v1.19/server-server-api/#device-management */
export function deviceUpdate(userId: string, content: JsonObject): DeviceUpdate | undefined {
  const { stream_id: streamId, prev_id: prevIds = [], device_id: deviceId, deleted } = content;
  if (!isCount(streamId) || !isDeviceId(deviceId) || !Array.isArray(prevIds)) {
    return undefined;
  }
  const device = deviceOf(userId, { ...pick(content), device_id: deviceId });
  if (!device) return undefined;
  return { userId, streamId, prevIds: prevIds.filter(isCount), deviceId, isDeleted: deleted === true, device };
}

function pick({ keys, device_display_name: name }: JsonObject): JsonObject {
  return { keys, device_display_name: name };
}

/** The answer of `GET /user/devices/{userId}`; undefined if it is none. */
export function wholeList(userId: string, answer: JsonObject): WholeList | undefined {
  const { stream_id: streamId, devices } = answer;
  if (answer['user_id'] !== userId || !isCount(streamId) || !Array.isArray(devices)) return undefined;
  const found = new Map<string, RemoteDeviceRow>();
  for (const entry of devices.slice(0, MOST_DEVICES)) {
    const device = isJsonObject(entry) ? deviceOf(userId, entry) : undefined;
    if (device) found.set(device.device_id, device);
  }
  const masterKey = signingKey(userId, answer['master_key']);
  const selfSigningKey = signingKey(userId, answer['self_signing_key']);
  return { streamId, devices: [...found.values()], masterKey, selfSigningKey };
}

/** Whether there is no key in a list: nothing that a client would ask for. */
export function isEmpty({ devices, masterKey, selfSigningKey }: WholeList): boolean {
  return masterKey === null && selfSigningKey === null && devices.every(({ keys }) => keys === null);
}

/** Whether a list says the same as what is kept of it. */
export function isSame(list: RemoteDeviceListRow, kept: readonly RemoteDeviceRow[], whole: WholeList): boolean {
  if (!isSameJson(list.master_key, whole.masterKey)) return false;
  if (!isSameJson(list.self_signing_key, whole.selfSigningKey)) return false;
  const told = new Map(whole.devices.map((device) => [device.device_id, device]));
  return (
    told.size === kept.length &&
    kept.every((device) => {
      const now = told.get(device.device_id);
      return now?.display_name === device.display_name && isSameJson(now.keys, device.keys);
    })
  );
}

/** Whether two texts are the same JSON. */
export function isSameJson(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other;
  return one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}

/** The JSON of a cross-signing key if it is the user's. */
export function signingKey(userId: string, key: JsonValue | undefined): string | null {
  return isJsonObject(key) && key['user_id'] === userId && isJsonObject(key['keys']) ? textOf(key) : null;
}

function deviceOf(userId: string, entry: JsonObject): RemoteDeviceRow | undefined {
  const { device_id: deviceId, keys, device_display_name: name } = entry;
  if (!isDeviceId(deviceId)) return undefined;
  // Keys that name somebody else's device are nobody's.
  const areItsOwn = isJsonObject(keys) && keys['user_id'] === userId && keys['device_id'] === deviceId;
  return {
    user_id: userId,
    device_id: deviceId,
    display_name: typeof name === 'string' && isBoundedText(name) ? name : null,
    keys: areItsOwn ? textOf(keys) : null,
  };
}

function textOf(key: JsonObject): string | null {
  const text = JSON.stringify(key);
  return text.length <= MOST_KEY_TEXT ? text : null;
}
