import { canonicalJson } from '../canonical-json/canonical-json.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { SigningKey } from './signing-key.ts';
import type { VerifyKey } from './verify-key.ts';

/** What a signature of `object` covers: its canonical JSON without `signatures` and `unsigned`. */
export function signedText(object: JsonObject): string {
  const covered: JsonObject = Object.create(null);
  for (const key of Object.keys(object)) {
    if (key !== 'signatures' && key !== 'unsigned') covered[key] = object[key];
  }
  return canonicalJson(covered);
}

/**
 * Signs an object in place: adds to its `signatures`, and leaves the signatures of others there.
 * Source: https://spec.matrix.org/v1.19/appendices/#signing-details
 *
 * @param name who signs: the name of a server.
 */
export function signJson<T extends JsonObject>(object: T, name: string, key: SigningKey): T & SignedObject {
  addSignature(object, name, key.keyId, key.sign(signedText(object)));
  return object as T & SignedObject;
}

export interface SignedObject extends JsonObject {
  signatures: JsonObject;
}

/** Puts one signature among those of `object`. Names come from configuration or a checked identifier. */
export function addSignature(object: JsonObject, name: string, keyId: string, signature: string): void {
  const signatures = isJsonObject(object['signatures']) ? object['signatures'] : {};
  const ofName = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  const mine = isJsonObject(ofName) ? ofName : {};
  mine[keyId] = signature;
  signatures[name] = mine;
  object['signatures'] = signatures;
}

/** The signatures that `name` has put on `object`, by key id: Ed25519 only, others are not understood. */
export function signaturesOf(object: JsonObject, name: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const signatures = object['signatures'];
  if (!isJsonObject(signatures) || !Object.hasOwn(signatures, name)) return found;
  const ofName = signatures[name];
  if (!isJsonObject(ofName)) return found;
  for (const [keyId, signature] of Object.entries(ofName)) {
    if (keyId.startsWith('ed25519:') && typeof signature === 'string') found.set(keyId, signature);
  }
  return found;
}

/**
 * Whether `name` has signed `object` with the key.
 * Source: https://spec.matrix.org/v1.19/appendices/#checking-for-a-signature
 *
 * @throws CanonicalJsonError if the object has no canonical form.
 */
export function verifyJson(object: JsonObject, name: string, keyId: string, key: VerifyKey): boolean {
  const signature = signaturesOf(object, name).get(keyId);
  return signature !== undefined && key.verify(signedText(object), signature);
}
