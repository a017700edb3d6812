import { invalidParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { unpad } from '../../protocol/signing/base64.ts';
import { signedText } from '../../protocol/signing/sign-json.ts';
import { verifyKeyFromBase64 } from '../../protocol/signing/verify-key.ts';
import type { CrossSigningKeyRow, CrossSigningUsage } from '../../storage/contract/cross-signing.ts';
import { canonical } from '../timeline/canonical.ts';

/** A cross-signing key that was checked to be one of its user. */
export interface CrossSigningKey {
  readonly usage: CrossSigningUsage;
  /** Unpadded base64. */
  readonly publicKey: string;
  readonly object: JsonObject;
  /** What signatures of it cover. */
  readonly text: string;
}

/**
 * Reads a `CrossSigningKey` object.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysdevice_signingupload
 * @throws M_INVALID_PARAM, M_BAD_JSON
 */
export function parseCrossSigningKey(object: JsonObject, usage: CrossSigningUsage, userId: string): CrossSigningKey {
  const name = `${usage}_key`;
  if (object['user_id'] !== userId) throw invalidParam(`${name}.user_id is not your user id`);
  const usages = object['usage'];
  if (!Array.isArray(usages) || !usages.includes(usage)) throw invalidParam(`${name}.usage does not name ${usage}`);
  const keys = isJsonObject(object['keys']) ? Object.entries(object['keys']) : [];
  const [keyId, publicKey] = keys[0] ?? [];
  if (keys.length !== 1 || keyId === undefined || typeof publicKey !== 'string') {
    throw invalidParam(`${name}.keys must hold one key`);
  }
  if (keyId !== `ed25519:${unpad(publicKey)}` || !verifyKeyFromBase64(publicKey)) {
    throw invalidParam(`${name}.keys must map ed25519:<public key> to the public key in unpadded base64`);
  }
  return { usage, publicKey: unpad(publicKey), object, text: canonical(() => signedText(object)) };
}

/** Whether the key that is stored is this one, signatures aside. */
export function isSameKey(row: CrossSigningKeyRow | undefined, key: CrossSigningKey): boolean {
  return row !== undefined && row.public_key === key.publicKey && storedText(row) === key.text;
}

/** What signatures of a stored key cover. */
export function storedText(row: { readonly json: string }): string {
  return signedText(JSON.parse(row.json) as JsonObject);
}
