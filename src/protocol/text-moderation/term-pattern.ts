/**
 * Patterns of terms: a word or words, found where they stand as whole words. `*` stands for any part of a word, so that
 * `*bad*` finds it inside of words. Terms in scripts that write no spaces are found anywhere.
 */
import { foldText } from './fold-text.ts';

/** One letter and how many times it stands there in a row. */
export interface Run {
  readonly character: string;
  readonly length: number;
}

/** A term, ready for a matcher. */
export interface TermPattern {
  /** What stands between the `*`, each as runs of letters; at least one, none of them empty. */
  readonly pieces: readonly (readonly Run[])[];
  /** Whether a word has to begin where the term does, and to end where it does. */
  readonly startsWord: boolean;
  readonly endsWord: boolean;
}

export type TermProblem = 'empty' | 'too_long' | 'too_many_wildcards';

/** Characters of a pattern as it was written. */
export const MAX_TERM_LENGTH = 200;
const MAX_PIECES = 5;

const WRITES_NO_SPACES =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;

/** A pattern of a term, or what is wrong with it. */
export function parseTerm(pattern: string): TermPattern | TermProblem {
  if (pattern.length > MAX_TERM_LENGTH) return 'too_long';
  const sources = pattern.split('*').map(plainWords);
  const pieces = sources.filter((source) => source !== '').map(runsOf);
  if (pieces.length === 0) return 'empty';
  if (pieces.length > MAX_PIECES) return 'too_many_wildcards';
  return {
    pieces,
    startsWord: sources[0] !== '' && !WRITES_NO_SPACES.test(pieces[0]![0]!.character),
    endsWord: sources.at(-1) !== '' && !WRITES_NO_SPACES.test(pieces.at(-1)!.at(-1)!.character),
  };
}

/** Folded as texts are, without leetspeak: `a55` in a list means an a and two fives. */
function plainWords(source: string): string {
  return foldText(source)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

/** A text as its letters and how often each is repeated in a row. */
export function runsOf(text: string): Run[] {
  const runs: { character: string; length: number }[] = [];
  for (const character of text) {
    const last = runs.at(-1);
    if (last?.character === character) last.length += 1;
    else runs.push({ character, length: 1 });
  }
  return runs;
}
