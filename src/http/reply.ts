import { Readable } from 'node:stream';

export type ReplyHeaders = Readonly<Record<string, string>>;

/** An answer that is not simply an object to be sent as JSON with status 200. */
export class Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: string | Buffer | Readable | undefined;

  constructor(status: number, headers: ReplyHeaders, body?: string | Buffer | Readable) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** Bytes, text or a stream of any media type; `Content-Type` must be among `headers` if there is a body. */
export function raw(status: number, headers: ReplyHeaders, body?: string | Buffer | Readable): Reply {
  return new Reply(status, headers, body);
}

export const JSON_TYPE = 'application/json';

/** JSON that is serialised already. */
export function jsonText(text: string, status = 200, headers: ReplyHeaders = {}): Reply {
  return new Reply(status, { 'Content-Type': JSON_TYPE, ...headers }, text);
}

/** JSON with a status or headers of its own. Refusals are thrown as `MatrixError` instead. */
export function json(status: number, body: object, headers: ReplyHeaders = {}): Reply {
  return jsonText(JSON.stringify(body), status, headers);
}

/** Texts of JSON that are sent as they come once they are longer than this. */
const WHOLE_UP_TO = 256 * 1024;

/**
 * A JSON object whose members are arrays of what is serialised already, in batches: however long they are, only a few
 * batches are in memory.
 */
export async function jsonOfArrays(arrays: Readonly<Record<string, AsyncIterable<readonly string[]>>>): Promise<Reply> {
  const chunks = chunksOf(arrays);
  let text = '';
  while (text.length <= WHOLE_UP_TO) {
    const next = await chunks.next();
    if (next.done) return jsonText(text);
    text += next.value;
  }
  return raw(200, { 'Content-Type': JSON_TYPE }, Readable.from(startingWith(text, chunks), { objectMode: false }));
}

async function* chunksOf(arrays: Readonly<Record<string, AsyncIterable<readonly string[]>>>): AsyncGenerator<string> {
  let before = '{';
  for (const [name, batches] of Object.entries(arrays)) {
    yield `${before}${JSON.stringify(name)}:[`;
    let comma = '';
    for await (const batch of batches) {
      if (batch.length === 0) continue;
      yield comma + batch.join(',');
      comma = ',';
    }
    before = '],';
  }
  yield ']}';
}

async function* startingWith(text: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield text;
  yield* rest;
}

/** 302 to `location`. */
export function redirect(location: string): Reply {
  return new Reply(302, { Location: location, 'Content-Length': '0' });
}
