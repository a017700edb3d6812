/** Texts as the words by which they are found, the same on both engines. */
import type { TextPhrase } from '../../storage/contract/search.ts';

/** Words of a text that are indexed, and phrases of a search. */
const MAX_WORDS = 10_000;
const MAX_PHRASES = 32;
/** Characters of a word. */
const MAX_LENGTH = 64;
/** A shorter word is found as a whole only: too much begins with it. */
const MIN_PREFIX = 3;

/** Accents, the points of Hebrew and Arabic, and the stroke that lengthens Arabic words: what people leave out when they search. */
const OPTIONAL_MARKS = /[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]+/gu;
/** Letters that Unicode does not take apart, as people without them on their keyboards write them. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ς: 'σ',
  // As keyboards of other languages with the same script have them.
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
};
/** Digits of Arabic, Persian and Hindi. */
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/gu;
const HAS_PLAIN = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'gu');
/** Most text is nothing else, and needs none of this. */
const ONLY_ASCII = /^[\0-\x7f]*$/;
const BETWEEN_ASCII_WORDS = /[^a-z0-9]+/;
const BETWEEN_WORDS = /[^\p{L}\p{N}\p{M}]+/u;
/** Scripts whose words have nothing between them, or much at their ends. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

interface Run {
  readonly text: string;
  readonly isUnspaced: boolean;
}

/** The words of a text to be indexed, separated by blanks; empty if it has none. */
export function indexedWords(text: string): string {
  const words: string[] = [];
  for (const run of runsOf(text)) {
    if (run.isUnspaced) words.push(...pairs(run), [...run.text].at(-1)!);
    else words.push(wordOf(run));
    if (words.length >= MAX_WORDS) break;
  }
  return words.slice(0, MAX_WORDS).join(' ');
}

/**
 * What a search looks for. What is in quotation marks must be there as it is; other words may stand anywhere, and go on
 * (`test` finds `tested`), for that serves every language that inflects.
 */
export function searchPhrases(term: string): TextPhrase[] {
  const phrases: TextPhrase[] = [];
  for (const [i, part] of term.split(/["“”«»]/u).entries()) {
    const runs = [...runsOf(part)];
    if (i % 2 === 1) {
      const words = runs.flatMap((run) => (run.isUnspaced ? pairsOrOne(run) : [wordOf(run)]));
      if (words.length > 0) phrases.push({ words, isPrefix: runs.at(-1)!.isUnspaced && isSingle(runs.at(-1)!) });
    } else {
      phrases.push(...runs.map(looseWord));
    }
  }
  return phrases.slice(0, MAX_PHRASES);
}

/** Text in a form in which case, widths and accents make no difference. */
export function searchForm(text: string): string {
  const bare = text.normalize('NFKD').replace(OPTIONAL_MARKS, '').normalize('NFC').toLowerCase();
  return bare.replace(HAS_PLAIN, (letter) => PLAIN_LETTERS[letter] ?? letter).replace(OTHER_DIGITS, plainDigit);
}

/** Each row of ten begins with its nought. */
function plainDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const nought = [0x660, 0x6f0, 0x966].findLast((first) => first <= code) ?? code;
  return String(code - nought);
}

function looseWord(run: Run): TextPhrase {
  if (run.isUnspaced) return { words: pairsOrOne(run), isPrefix: isSingle(run) };
  return { words: [wordOf(run)], isPrefix: [...run.text].length >= MIN_PREFIX };
}

/** Unspaced text is indexed by pairs of characters: one alone is the beginning of a pair. */
function pairsOrOne(run: Run): string[] {
  return isSingle(run) ? [run.text] : pairs(run);
}

function isSingle(run: Run): boolean {
  return [...run.text].length === 1;
}

function pairs(run: Run): string[] {
  const characters = [...run.text];
  return characters.slice(1).map((character, i) => characters[i]! + character);
}

function wordOf({ text }: Run): string {
  return text.length <= MAX_LENGTH ? text : [...text].slice(0, MAX_LENGTH).join('');
}

function* runsOf(text: string): IterableIterator<Run> {
  if (ONLY_ASCII.test(text)) {
    for (const word of text.toLowerCase().split(BETWEEN_ASCII_WORDS)) if (word) yield { text: word, isUnspaced: false };
    return;
  }
  for (const word of searchForm(text).split(BETWEEN_WORDS)) {
    let at = 0;
    for (const match of word.matchAll(UNSPACED)) {
      if (match.index > at) yield { text: word.slice(at, match.index), isUnspaced: false };
      yield { text: match[0], isUnspaced: true };
      at = match.index + match[0].length;
    }
    if (at < word.length) yield { text: word.slice(at), isUnspaced: false };
  }
}
