import { randomBytes } from 'node:crypto';

/** Randomness, as an argument: tests bring their own. */
export interface Random {
  bytes(length: number): Buffer;
  /** A string of `length` characters of `[A-Za-z0-9]`, each equally likely. */
  token(length: number): string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Makes the string of {@link Random.token} from a source of bytes, without bias. */
export function tokenFrom(bytes: (length: number) => Buffer, length: number): string {
  let out = '';
  while (out.length < length) {
    for (const byte of bytes(length + 8)) {
      if (byte < 248 && out.length < length) out += ALPHABET[byte % 62];
    }
  }
  return out;
}

const POOL_BYTES = 4096;
let pool: Buffer = Buffer.alloc(0);

/** Drawn for many tokens at once: a call for a few bytes costs more than the bytes. Each byte is given away once. */
function pooledBytes(length: number): Buffer {
  if (length > POOL_BYTES) return randomBytes(length);
  if (pool.length < length) pool = randomBytes(POOL_BYTES);
  const bytes = pool.subarray(0, length);
  pool = pool.subarray(length);
  return bytes;
}

export const systemRandom: Random = {
  bytes: randomBytes,
  token: (length) => tokenFrom(pooledBytes, length),
};
