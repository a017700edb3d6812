import { type Random, tokenFrom } from '../../../src/util/random.ts';

/** Randomness that is the same for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  const bytes = (length: number): Buffer => {
    const out = Buffer.alloc(length);
    for (let at = 0; at < length; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      out[at] = state & 0xff;
    }
    return out;
  };
  return { bytes, token: (length) => tokenFrom(bytes, length) };
}
