import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { isBoundedText } from '../../protocol/identifiers/brand.ts';
import { isDeviceId } from '../../protocol/identifiers/device-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import { unpad } from '../../protocol/signing/base64.ts';
import { signedText } from '../../protocol/signing/sign-json.ts';
import type { ClaimRequest } from './key-claims.ts';
import { emptyKeyAnswer, type KeyAnswer, type KeyQuery } from './key-queries.ts';

/** Own value of a key of an object that somebody else made. */
function own(object: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A device's keys as its server tells them, if they are what they claim to be the keys of. */
export function toldDevice(told: JsonValue | undefined, userId: string, deviceId: string): JsonObject | undefined {
  const isItsOwn = own(told, 'user_id') === userId && own(told, 'device_id') === deviceId;
  return isItsOwn && isJsonObject(own(told, 'keys')) ? (told as JsonObject) : undefined;
}

/** A cross-signing key as a server tells it, if it is the user's. */
export function toldCrossSigningKey(told: JsonValue | undefined, userId: string): JsonObject | undefined {
  const isTheirs = own(told, 'user_id') === userId && isJsonObject(own(told, 'keys'));
  return isTheirs ? (told as JsonObject) : undefined;
}

/** The public half of a cross-signing key, or undefined if it is none that can be signed. */
export function publicKeyOf(key: JsonObject): string | undefined {
  const keys = own(key, 'keys');
  const [[keyId, publicKey] = [], ...others] = isJsonObject(keys) ? Object.entries(keys) : [];
  if (typeof publicKey !== 'string' || others.length > 0 || keyId !== `ed25519:${unpad(publicKey)}`) return undefined;
  try {
    signedText(key);
    return unpad(publicKey);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

/** What of an answer of `POST /user/keys/query` is an answer to the query. */
export function toldKeys(answer: JsonObject, query: KeyQuery): KeyAnswer {
  const taken = emptyKeyAnswer();
  for (const [userId, wanted] of Object.entries(query)) {
    const devices = own(answer['device_keys'], userId);
    if (isJsonObject(devices)) taken.device_keys[userId] = toldDevices(devices, userId, wanted);
    for (const section of ['master_keys', 'self_signing_keys'] as const) {
      const key = toldCrossSigningKey(own(answer[section], userId), userId);
      if (key) taken[section][userId] = key;
    }
  }
  return taken;
}

function toldDevices(devices: JsonObject, userId: string, wanted: readonly string[]): JsonObject {
  const taken: JsonObject = Object.create(null);
  for (const [deviceId, told] of Object.entries(devices)) {
    if (!isDeviceId(deviceId) || (wanted.length > 0 && !wanted.includes(deviceId))) continue;
    const device = toldDevice(told, userId, deviceId);
    if (device) taken[deviceId] = device;
  }
  return taken;
}

/** What of an answer of `POST /user/keys/claim` was asked for: of each device one key of the algorithm. */
export function toldOneTimeKeys(answer: JsonObject, request: ClaimRequest): JsonObject {
  const taken: JsonObject = Object.create(null);
  for (const [userId, devices] of Object.entries(request)) {
    const ofUser: JsonObject = Object.create(null);
    for (const [deviceId, algorithm] of Object.entries(devices)) {
      const keys = own(own(answer['one_time_keys'], userId), deviceId);
      const key = isJsonObject(keys) ? Object.entries(keys).find(([id, told]) => isOf(algorithm, id, told)) : undefined;
      if (key === undefined) continue;
      ofUser[deviceId] = Object.assign(Object.create(null) as JsonObject, { [key[0]]: key[1] });
    }
    if (Object.keys(ofUser).length > 0) taken[userId] = ofUser;
  }
  return taken;
}

function isOf(algorithm: string, id: string, told: JsonValue | undefined): boolean {
  return id.startsWith(`${algorithm}:`) && isBoundedText(id) && (typeof told === 'string' || isJsonObject(told));
}
