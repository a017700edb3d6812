/** The ways in which a folded text can be read, so that a term is found however its letters are written. */

/** Digits and signs that stand for letters in leetspeak. */
const LETTER_OF: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' }),
  ...Object.entries({ '@': 'a', $: 's', '!': 'i', '|': 'i', '+': 't', '€': 'e', '£': 'l' }),
]);

const LEET = /[01345789@$!|+€£]/g;
/** Signs that end a sentence rather than stand for a letter: those behind which no letter or digit comes. */
const CLOSING_SIGNS = /(?<![!|+])[!|+]+(?![\p{L}\p{N}@$!|+€£])/gu;
const NEITHER_LETTER_NOR_SPACE = /[^\p{L}\p{M}\p{N} ]+/gu;
const SEPARATORS = /[^\p{L}\p{M}\p{N}]+/gu;
/** Three or more letters that stand alone, as in `b a d`. */
const SPACED_OUT = /(?<![^ ])[^ ](?: [^ ](?![^ ])){2,}/gu;

/** Makes white space and punctuation one space each, so that words are what stands between spaces. */
function words(text: string): string {
  return text.replace(SEPARATORS, ' ').trim();
}

/** Reads leetspeak, takes out what is put between the letters of a word, and joins letters that stand alone. */
function respelled(folded: string, one: 'i' | 'l'): string {
  return folded
    .replace(CLOSING_SIGNS, '')
    .replace(LEET, (sign) => (one === 'l' && (sign === '1' || sign === '|') ? 'l' : (LETTER_OF.get(sign) ?? sign)))
    .replace(NEITHER_LETTER_NOR_SPACE, '')
    .replace(/ +/g, ' ')
    .replace(SPACED_OUT, (letters) => letters.replaceAll(' ', ''))
    .trim();
}

/**
 * One to three readings of a text that {@link foldText} made, each of words with one space between them: as it stands,
 * and with disguises taken off (`1` may be an i or an l).
 */
export function spellings(folded: string): readonly string[] {
  const all = new Set([words(folded), respelled(folded, 'i')]);
  if (/[1|]/.test(folded)) all.add(respelled(folded, 'l'));
  return [...all];
}

/** Numbers that stand alone, which are no letters in disguise. */
const NUMBERS = /(?<![\p{L}\p{M}\p{N}@$|€£])\p{N}+(?![\p{L}\p{M}\p{N}@$|€£])/gu;

/**
 * What is the same for texts that differ in case, spacing, punctuation, leetspeak, disguised or repeated letters only:
 * letters and digits without anything between, and a `#` before each number. Two messages of one skeleton are the same
 * message; 1 and 11 are not. Emoji count where there is nothing else.
 */
export function skeletonOf(folded: string): string {
  const numbers = folded.match(NUMBERS) ?? [];
  const parts = folded.split(NUMBERS).map((part) => respelled(part, 'i').replaceAll(' ', ''));
  const isEmpty = numbers.length === 0 && parts.join('') === '';
  if (isEmpty) return collapsed(folded.replaceAll(' ', ''));
  return parts.map((part, at) => collapsed(part) + (at < numbers.length ? `#${numbers[at]}` : '')).join('');
}

function collapsed(text: string): string {
  return text.replace(/(.)\1+/gu, '$1');
}
