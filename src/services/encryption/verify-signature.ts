import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { verifyJson } from '../../protocol/signing/sign-json.ts';
import { verifyKeyFromBase64 } from '../../protocol/signing/verify-key.ts';

/**
 * Whether `object` bears a signature of `userId` by the Ed25519 key `keyId`, whose public half is `publicKey` (base64).
 * False too where the object has no canonical form or the key is none.
 * Source: https://spec.matrix.org/v1.19/appendices/#checking-for-a-signature
 */
export function isSignedBy(object: JsonObject, userId: string, keyId: string, publicKey: string): boolean {
  const key = verifyKeyFromBase64(publicKey);
  if (!key) return false;
  try {
    return verifyJson(object, userId, keyId, key);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return false;
    throw error;
  }
}
