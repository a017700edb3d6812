import { TextDecoder } from 'node:util';

/** Where a page says in itself how it is encoded. Source: https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCANNED = 4_096;
const IN_META = /<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,40})/i;
const IN_XML = /^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w-]{1,40})/i;

/** The text of a page: by its byte order mark, what its server says, or what it says itself; else UTF-8. */
export function decodePage(bytes: Uint8Array, contentType: string | undefined): string {
  const label = markOf(bytes) ?? /charset\s*=\s*"?([\w-]{1,40})/i.exec(contentType ?? '')?.[1] ?? labelIn(bytes);
  return decoderFor(label).decode(bytes);
}

function markOf(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0xff && b === 0xfe ? 'utf-16le' : undefined;
}

function labelIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, PRESCANNED)).toString('latin1');
  const label = (IN_XML.exec(head) ?? IN_META.exec(head))?.[1];
  // A page that could be read that far is not in UTF-16, whatever it says.
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function decoderFor(label = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder('utf-8');
    throw error;
  }
}
