import { invalidParam, invalidSignature } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { signaturesOf } from '../../protocol/signing/sign-json.ts';
import { isSignedBy } from './verify-signature.ts';

/** Who uploads keys, with which device. */
export interface KeyOwner {
  readonly userId: string;
  readonly deviceId: string;
}

/** A public identity key of a `DeviceKeys` object. */
export function identityKey(deviceKeys: JsonObject, keyId: string): string | undefined {
  const keys = deviceKeys['keys'];
  if (!isJsonObject(keys) || !Object.hasOwn(keys, keyId)) return undefined;
  const key = keys[keyId];
  return typeof key === 'string' ? key : undefined;
}

/**
 * Checks that a `DeviceKeys` object belongs to the device that uploads it and that its own signature, where it brings
 * one, is right. Objects without signature are let through: other devices do not trust them, and that is for them to
 * decide.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload
 * @throws M_INVALID_PARAM, M_INVALID_SIGNATURE
 */
export function checkDeviceKeys(deviceKeys: JsonObject, owner: KeyOwner): void {
  if (deviceKeys['user_id'] !== owner.userId) throw invalidParam('device_keys.user_id is not your user id');
  if (deviceKeys['device_id'] !== owner.deviceId) throw invalidParam('device_keys.device_id is not your device');
  const keyId = `ed25519:${owner.deviceId}`;
  if (!signaturesOf(deviceKeys, owner.userId).has(keyId)) return;
  const publicKey = identityKey(deviceKeys, keyId);
  if (publicKey === undefined || !isSignedBy(deviceKeys, owner.userId, keyId, publicKey)) {
    throw invalidSignature('The device keys are not signed by the key of the device');
  }
}
