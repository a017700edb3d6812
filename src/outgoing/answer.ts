import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OutgoingError, outgoingError } from './outgoing-error.ts';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** Where it came from after redirects; undefined for requests along a route of one's own. */
  readonly url?: string;
  /** A header by its name in small letters; of a repeated one the first. */
  header(name: string): string | undefined;
}

/** An answer as a whole. */
export interface OutgoingAnswer extends AnswerHead {
  readonly body: Buffer;
}

/** An answer whose body is still coming. Whoever gets it reads the body to its end or destroys it. */
export interface OpenAnswer extends AnswerHead {
  /** Fails with an {@link OutgoingError} beyond the limit of size or time. */
  readonly body: Readable;
}

export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

export function headerReader(headers: RawHeaders): (name: string) => string | undefined {
  return (name) => {
    if (!Object.hasOwn(headers, name)) return undefined;
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

export function tooLarge(host: string, maxBytes: number): OutgoingError {
  return new OutgoingError('too-large', host, `the answer is larger than ${maxBytes} bytes`);
}

const FIRST_BYTES = 16_384;

/**
 * The whole of a body, gathered in one buffer: many tiny pieces do not become many objects.
 * @throws OutgoingError `too-large` beyond `maxBytes`, and whatever ends it early.
 */
export async function readAll(body: Readable, host: string, maxBytes: number): Promise<Buffer> {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const end = length + chunk.length;
      // Leaving the loop destroys the body, and so the connection.
      if (end > maxBytes) throw tooLarge(host, maxBytes);
      if (end > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(end, 2 * buffer.length));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      chunk.copy(buffer, length);
      length = end;
    }
  } catch (error) {
    throw outgoingError(error, host);
  }
  return buffer.subarray(0, length);
}

/** The same body, failing beyond `maxBytes`. */
export function limited(body: Readable, host: string, maxBytes: number): Readable {
  let length = 0;
  const limiter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > maxBytes) done(tooLarge(host, maxBytes));
      else done(null, chunk);
    },
    destroy(error, done) {
      done(error === null ? null : outgoingError(error, host));
    },
  });
  // Failures reach the reader of `limiter`.
  pipeline(body, limiter).catch(() => undefined);
  return limiter;
}
