import type { TextPhrase } from '../../storage/contract/search.ts';
import { searchForm } from './search-words.ts';

/** Words that clients are told to highlight. */
const MOST = 100;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * The words that a search looked for, and those of these texts that it has found: they go on, or have accents. In small
 * letters.
 */
export function highlightsOf(texts: readonly string[], phrases: readonly TextPhrase[]): string[] {
  const wanted = phrases.flatMap(({ words, isPrefix }) => words.map((word) => ({ word, isPrefix })));
  const found = new Set(wanted.map(({ word }) => word));
  for (const text of texts) {
    for (const [word] of text.toLowerCase().matchAll(WORD)) {
      if (found.size >= MOST) return [...found];
      const form = searchForm(word);
      if (wanted.some((one) => form === one.word || (one.isPrefix && form.startsWith(one.word)))) found.add(word);
    }
  }
  return [...found];
}
