/** The text of HTML as far as filters are concerned: no parser of documents, and never a source of markup. */

export interface HtmlText {
  /** What a reader sees, alternative texts of images included. */
  readonly text: string;
  /** Where its links and images point, in order. */
  readonly addresses: readonly string[];
}

const TAG = /<(\/?)([a-z][a-z0-9-]{0,20})((?:\s[^<>]*)?)\/?>/gi;
const ATTRIBUTE = /\s(alt|title|href|src|data-mx-spoiler)\s?=\s?(?:"([^"<>]*)"|'([^'<>]*)')/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const NAMED = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }));
/** Tags that go on in the line; others start a new one. */
const INLINE = new Set(
  'a abbr b code data del em font i img ins kbd s small span strike strong sub sup tt u wbr'.split(' '),
);
const IN_TEXT = new Set(['alt', 'title', 'data-mx-spoiler']);

/** Reads text and addresses out of HTML. The quotation that replies carry (`mx-reply`) is left out. */
export function readHtml(html: string): HtmlText {
  const addresses: string[] = [];
  const source = withoutQuotation(html);
  const text = source.replace(TAG, (_tag, closing: string, name: string, attributes: string) => {
    const words: string[] = [];
    for (const [, key = '', double, single] of closing ? [] : attributes.matchAll(ATTRIBUTE)) {
      const value = decodeEntities(double ?? single ?? '');
      if (IN_TEXT.has(key.toLowerCase())) words.push(value);
      else addresses.push(value);
    }
    return `${INLINE.has(name.toLowerCase()) ? '' : '\n'}${words.join(' ')}`;
  });
  return { text: decodeEntities(text).trim(), addresses };
}

/** Whether the HTML of a message says what its plain body says: letters and digits in order, however they are set. */
export function htmlMatchesBody(html: string, body: string): boolean {
  const { text } = readHtml(html);
  const isReply = html.startsWith('<mx-reply>');
  const plain = isReply ? body.replace(/^(?:> [^\n]*\n)+\n?/, '') : body;
  if (lettersOf(text) === lettersOf(plain)) return true;
  // A body that is the source of its HTML names the address of a link behind the link's text.
  const shown = plain.replace(/(?<=\[[^\]\n]{1,500})\]\([^()\s]{1,2000}\)/g, ']');
  return lettersOf(text) === lettersOf(shown);
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}]+/gu, '');
}

function withoutQuotation(html: string): string {
  const end = html.indexOf('</mx-reply>');
  return html.startsWith('<mx-reply>') && end !== -1 ? html.slice(end + '</mx-reply>'.length) : html;
}

function decodeEntities(text: string): string {
  return text.replace(ENTITY, (entity, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : entity;
  });
}
