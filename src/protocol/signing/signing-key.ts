import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { isServerKeyId, type KeyId } from '../identifiers/key-id.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** DER of a PKCS #8 Ed25519 private key up to its 32 bytes of seed. Source: RFC 8410, section 7 */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** A key pair that signs for a server. The private half stays inside. */
export interface SigningKey {
  /** `ed25519:<version>` */
  readonly keyId: KeyId;
  /** Unpadded base64, as servers publish it. */
  readonly publicKey: string;
  /** The signature of `text` in UTF-8, as unpadded base64. */
  sign(text: string): string;
}

/**
 * The Ed25519 key pair of a seed.
 *
 * @param seed 32 random bytes.
 * @param version the part of the key id after `ed25519:`, of letters, digits and `_`.
 */
export function signingKeyFromSeed(seed: Uint8Array, version: string): SigningKey {
  const keyId = `ed25519:${version}`;
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  if (!isServerKeyId(keyId)) throw new RangeError(`not a version of a signing key: ${JSON.stringify(version)}`);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  return {
    keyId,
    publicKey: publicKeyOf(privateKey),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64').slice(0, 86),
  };
}

function publicKeyOf(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return encodeBase64(der.subarray(-SEED_BYTES));
}

/** The line that a signing key file holds: `ed25519 <version> <seed in unpadded base64>`. */
export function formatSigningKey(seed: Uint8Array, version: string): string {
  return `ed25519 ${version} ${encodeBase64(seed)}\n`;
}

/**
 * Reads a signing key file: one line of {@link formatSigningKey}, which is also the form of Synapse's `signing.key`.
 * Undefined if it is anything else; the text itself must not get into a log.
 */
export function parseSigningKey(text: string): SigningKey | undefined {
  const words = text.trim().split(/[ \t]+/);
  const [algorithm, version, seedText] = words;
  if (words.length !== 3 || algorithm !== 'ed25519' || version === undefined || seedText === undefined)
    return undefined;
  const seed = decodeBase64(seedText);
  if (seed?.length !== SEED_BYTES || !isServerKeyId(`ed25519:${version}`)) return undefined;
  return signingKeyFromSeed(seed, version);
}
