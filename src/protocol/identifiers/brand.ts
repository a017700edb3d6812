declare const brand: unique symbol;

/** A string that has been checked to be of the kind `Name`; usable wherever a string is. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The most that a user id, room id, alias, event id, event type or state key may measure in UTF-8. */
export const MAX_IDENTIFIER_BYTES = 255;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether `text` is at most 255 bytes of UTF-8 without NUL and without lone surrogates. */
export function isBoundedText(text: string): boolean {
  if (text.length > MAX_IDENTIFIER_BYTES || text.includes('\0')) return false;
  if (text.length * 3 > MAX_IDENTIFIER_BYTES && Buffer.byteLength(text) > MAX_IDENTIFIER_BYTES) return false;
  return !LONE_SURROGATE.test(text);
}
