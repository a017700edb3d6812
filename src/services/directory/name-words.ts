/** Words of one text, and characters of one word, that are looked at. */
const MAX_WORDS = 32;
const MAX_LENGTH = 64;

const SEGMENTER = new Intl.Segmenter('und', { granularity: 'word' });

/** Text in a form in which case, accents and widths of characters make no difference. */
export function plainForm(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
}

/**
 * The words of a name, in {@link plainForm}, each once. Scripts that write no spaces are cut by their dictionaries.
 */
export function nameWords(text: string): string[] {
  const words = new Set<string>();
  for (const run of plainForm(text.slice(0, 1_000)).split(/[^\p{L}\p{N}]+/u)) {
    for (const { segment } of SEGMENTER.segment(run)) {
      words.add([...segment].slice(0, MAX_LENGTH).join(''));
      if (words.size === MAX_WORDS) return [...words];
    }
  }
  return [...words];
}
