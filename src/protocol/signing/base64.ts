const STANDARD = /^[A-Za-z0-9+/]*$/;
const URL_SAFE = /^[A-Za-z0-9_-]*$/;

/** Unpadded base64. Source: https://spec.matrix.org/v1.19/appendices/#unpadded-base64 */
export function encodeBase64(bytes: Uint8Array): string {
  return unpad(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
}

/** Unpadded base64 of the URL-safe alphabet. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** `text` without the `=` at its end. */
export function unpad(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end--;
  return end === text.length ? text : text.slice(0, end);
}

function decode(text: string, alphabet: RegExp, encoding: 'base64' | 'base64url'): Buffer | undefined {
  const bare = unpad(text);
  if (text.length - bare.length > 2 || bare.length % 4 === 1 || !alphabet.test(bare)) return undefined;
  return Buffer.from(bare, encoding);
}

/** The bytes of base64 with or without padding, or undefined if `text` is none. */
export function decodeBase64(text: string): Buffer | undefined {
  return decode(text, STANDARD, 'base64');
}

/** The bytes of URL-safe base64 with or without padding, or undefined if `text` is none. */
export function decodeBase64Url(text: string): Buffer | undefined {
  return decode(text, URL_SAFE, 'base64url');
}

/** Standard base64 text in the URL-safe alphabet. */
export function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
