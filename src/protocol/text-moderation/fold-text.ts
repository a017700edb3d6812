/**
 * Texts as their readers see them, so that filters are not fooled by disguised letters: compatibility forms (full
 * width, mathematical, circled) are made plain, marks and invisible characters go, lookalikes become Latin, and case
 * does not count. Takes time in proportion to the text.
 * Source: https://www.unicode.org/reports/tr39/ on the idea of a skeleton; https://www.unicode.org/reports/tr15/ on NFKC
 */
import { latinLookalike } from './confusables.ts';

/** Characters that show nothing: format characters, variation selectors, fillers, and the tags of flags. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u115f\u1160\u3164\uffa0\u2800]/gu;
/**
 * What may sit on letters in any number without making other letters of them. The vowel signs of Thai, Hindi and the
 * like are marks as well, but there a word without them is another word.
 */
const MARKS = /[\p{Script=Inherited}\p{Me}\u0483-\u0487\u0591-\u05c7]+/gu;
const PLAIN = /^[\x20-\x7e]*$/;
/** Nothing else needs looking up. */
const OTHER_LETTERS = /\P{ASCII}/gu;

/** The text in the form in which terms are looked for. White space is one space, and none at the ends. */
export function foldText(text: string): string {
  const lower = PLAIN.test(text) ? text.toLowerCase() : foldUnusual(text);
  return lower.replace(/\s+/g, ' ').trim();
}

function foldUnusual(text: string): string {
  return (
    text
      .replace(INVISIBLE, '')
      .normalize('NFKD')
      .replace(MARKS, '')
      // Decomposing brings forth letters whose case is not folded yet, and lookalikes are listed in lower case.
      .toLowerCase()
      .replace(OTHER_LETTERS, latinLookalike)
      .normalize('NFC')
  );
}
