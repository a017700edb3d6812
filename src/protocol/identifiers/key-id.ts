import { type Branded, isBoundedText } from './brand.ts';

/** `algorithm:identifier`, as `ed25519:a_1` of a server or `signed_curve25519:AAAAAQ` of a device. */
export type KeyId = Branded<'KeyId'>;

const ALGORITHM = /^[a-z0-9_]+$/;
const SERVER_KEY_VERSION = /^[a-zA-Z0-9_]+$/;

/** The parts of a key id, or undefined. Source: https://spec.matrix.org/v1.19/appendices/#signing-details */
export function parseKeyId(text: unknown): { algorithm: string; identifier: string } | undefined {
  if (typeof text !== 'string' || !isBoundedText(text)) return undefined;
  const colon = text.indexOf(':');
  if (colon < 0 || colon === text.length - 1) return undefined;
  const algorithm = text.slice(0, colon);
  return ALGORITHM.test(algorithm) ? { algorithm, identifier: text.slice(colon + 1) } : undefined;
}

/** Whether `text` is the id of a key that servers sign with: Ed25519, and a version of letters, digits and `_`. */
export function isServerKeyId(text: unknown): text is KeyId {
  const parts = parseKeyId(text);
  return parts?.algorithm === 'ed25519' && SERVER_KEY_VERSION.test(parts.identifier);
}
