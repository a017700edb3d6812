/** Emotes: words that stand for pictures of the channel. */

export interface Emote {
  readonly id: string;
  readonly mxc: string;
}

/** A word of nothing but emoji: pictures with their modifiers and joiners, key caps and flags. */
const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[#*0-9]\ufe0f?\u20e3|[\u200d\ufe0f\u{e0020}-\u{e007f}])+$/u;

/** By the word that people type. */
export type EmoteSet = ReadonlyMap<string, Emote>;

export interface EmoteUse extends Emote {
  readonly word: string;
  /** Code points of the body before the word, and before what follows it. */
  readonly start: number;
  readonly end: number;
}

/** The words of the body that are emotes, in order. */
export function findEmotes(body: string, emotes: EmoteSet): readonly EmoteUse[] {
  if (emotes.size === 0) return [];
  const found: EmoteUse[] = [];
  let index = 0;
  let position = 0;
  for (const match of body.matchAll(/\S+/g)) {
    position += codePoints(body.slice(index, match.index));
    index = match.index;
    const [word] = match;
    const emote = emotes.get(word);
    if (emote) found.push({ ...emote, word, start: position, end: position + codePoints(word) });
  }
  return found;
}

/** Whether nothing but emotes, emoji and white space is in the body, and not nothing. */
export function isEmotesOnly(body: string, emotes: readonly EmoteUse[]): boolean {
  const words = body.match(/\S+/g) ?? [];
  const known = new Set(emotes.map(({ word }) => word));
  return words.length > 0 && words.every((word) => known.has(word) || EMOJI_ONLY.test(word));
}

/** Emotes and emoji of a body. */
export function countPictures(body: string, emotes: readonly EmoteUse[]): number {
  return emotes.length + (body.match(/\p{Extended_Pictographic}/gu)?.length ?? 0);
}

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** HTML of a body in which emotes are pictures, as Element shows them; undefined where there are none. */
export function emoteHtml(body: string, emotes: readonly EmoteUse[]): string | undefined {
  if (emotes.length === 0) return undefined;
  const characters = [...body];
  let html = '';
  let at = 0;
  for (const { start, end, word, mxc } of emotes) {
    html += escapeHtml(characters.slice(at, start).join(''));
    const name = escapeHtml(word);
    html += `<img data-mx-emoticon src="${escapeHtml(mxc)}" alt="${name}" title="${name}" height="32">`;
    at = end;
  }
  return html + escapeHtml(characters.slice(at).join(''));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '<br>');
}
