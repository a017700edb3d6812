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

export const systemRandom: Random = {
  bytes: randomBytes,
  token: (length) => tokenFrom(randomBytes, length),
};
