import type { Readable } from 'node:stream';

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

/** 302 to `location`. */
export function redirect(location: string): Reply {
  return new Reply(302, { Location: location, 'Content-Length': '0' });
}
