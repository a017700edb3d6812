/** Bodies of several parts. Source: https://www.rfc-editor.org/rfc/rfc2046#section-5.1 */
import { Readable } from 'node:stream';

/** A body that is not of the form that it claims to be. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

/** What stands above the content of a part, by name in small letters. */
export type PartHeaders = ReadonlyMap<string, string>;

/** Bytes of the headers of one part. */
const MAX_HEADERS = 16 * 1024;
/** Bytes before the first part. */
const MAX_PREAMBLE = 4 * 1024;

/** The boundary in a media type `multipart/mixed; boundary=…`, or undefined. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^\s*multipart\/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? '',
  );
  return match?.[1] ?? match?.[2];
}

/** Reads the parts of a body one after the other: the headers of one, then its content to the end, then the next. */
export class MultipartReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  #buffer: Buffer = Buffer.from('\r\n');
  #isFirst = true;

  constructor(body: Readable, boundary: string) {
    this.#source = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** The headers of the next part, or undefined after the last. @throws MultipartError */
  async next(): Promise<PartHeaders | undefined> {
    if (this.#isFirst) await this.#upTo(this.#delimiter, MAX_PREAMBLE);
    this.#isFirst = false;
    const rest = await this.#upTo(Buffer.from('\n'), MAX_HEADERS);
    if (rest.subarray(0, 2).toString('latin1') === '--') return undefined;
    const headers = new Map<string, string>();
    for (let bytes = 0; ; ) {
      const line = await this.#upTo(Buffer.from('\n'), MAX_HEADERS);
      bytes += line.length;
      if (bytes > MAX_HEADERS) throw new MultipartError('too many headers');
      const text = line.toString('utf8').trimEnd();
      if (text === '') return headers;
      const colon = text.indexOf(':');
      if (colon > 0) headers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
    }
  }

  /** The content of the part whose headers were read last. Fails with {@link MultipartError} if it does not end. */
  async *content(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(this.#delimiter);
      if (at >= 0) {
        if (at > 0) yield this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + this.#delimiter.length);
        return;
      }
      const sure = this.#buffer.length - this.#delimiter.length + 1;
      if (sure > 0) {
        yield this.#buffer.subarray(0, sure);
        this.#buffer = this.#buffer.subarray(sure);
      }
      await this.#more();
    }
  }

  /** What comes before `mark`, which is taken away, too. */
  async #upTo(mark: Buffer, maxBytes: number): Promise<Buffer> {
    for (let from = 0; ; ) {
      const at = this.#buffer.indexOf(mark, from);
      if (at >= 0) {
        const before = this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + mark.length);
        return before;
      }
      if (this.#buffer.length > maxBytes + mark.length) throw new MultipartError('a part does not begin');
      from = Math.max(0, this.#buffer.length - mark.length + 1);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new MultipartError('the body ended too early');
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
  }
}

/** A body with an empty object as the first part and a file as the second. */
export function multipartBody(
  boundary: string,
  headers: Readonly<Record<string, string>>,
  content: Readable,
): Readable {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\n${lines.join('')}\r\n`;
  return Readable.from(parts(head, content, `\r\n--${boundary}--\r\n`), { objectMode: false });
}

async function* parts(head: string, content: Readable, tail: string): AsyncGenerator<Buffer> {
  yield Buffer.from(head);
  yield* content;
  yield Buffer.from(tail);
}
