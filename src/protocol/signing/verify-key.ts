import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { decodeBase64 } from './base64.ts';

/** DER of an Ed25519 public key up to its 32 bytes. Source: RFC 8410, section 4 */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The public half of a key, made once and kept by whoever holds keys. */
export interface VerifyKey {
  /** Whether `signature` (base64) is that of `text` in UTF-8. False too where it is no signature at all. */
  verify(text: string, signature: string): boolean;
  /** For verifying on another thread. */
  readonly publicKey: KeyObject;
}

/** The bytes of a signature (base64); undefined where it is none. */
export function signatureBytes(signature: string): Uint8Array | undefined {
  const bytes = decodeBase64(signature);
  return bytes?.length === SIGNATURE_BYTES ? bytes : undefined;
}

/** The public Ed25519 key of its base64, or undefined if that is not 32 bytes. */
export function verifyKeyFromBase64(publicKey: string): VerifyKey | undefined {
  const bytes = decodeBase64(publicKey);
  if (bytes?.length !== KEY_BYTES) return undefined;
  const key: KeyObject = createPublicKey({ key: Buffer.concat([SPKI_HEAD, bytes]), format: 'der', type: 'spki' });
  return {
    publicKey: key,
    verify(text, signature) {
      const signed = signatureBytes(signature);
      return signed !== undefined && verify(null, Buffer.from(text), key, signed);
    },
  };
}
