import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import type { Readable } from 'node:stream';
import { limitedStream } from './read-body.ts';

/** Why {@link ApiRequest.signal} fired. */
export type AbortReason = 'client-gone' | 'shutting-down';

const NO_BYTES = Buffer.alloc(0);

/** One request of a client or server. What costs time is made when first asked for. */
export class ApiRequest {
  /** For the log and `X-Request-Id`. */
  readonly id: string;
  /** Of the client, behind trusted proxies; `unix` for a local socket. */
  readonly address: string;
  /** The path as it was sent, still percent-encoded, without the query. */
  readonly path: string;
  /** What follows `?`, as it was sent. */
  readonly search: string;
  /** The bytes of the body, as they were sent: what a signature was made over. Empty for `bodyKind: 'raw'`. */
  body: Buffer = NO_BYTES;
  /** For the log: who asks, as soon as that is known. */
  asker: string | undefined;

  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  #query: ParsedUrlQuery | undefined;
  #abort: AbortController | undefined;
  #abortedFor: AbortReason | undefined;
  #onStop: Set<() => void> | undefined;

  constructor(incoming: IncomingMessage, response: ServerResponse, id: string, address: string) {
    this.#incoming = incoming;
    this.#response = response;
    this.id = id;
    this.address = address;
    const target = incoming.url ?? '/';
    const mark = target.indexOf('?');
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.search = mark === -1 ? '' : target.slice(mark + 1);
  }

  /** In capitals, as it was sent. */
  get method(): string {
    return this.#incoming.method ?? 'GET';
  }

  /** Path and query as they were sent: the `uri` of a signed request. */
  get target(): string {
    return this.#incoming.url ?? '/';
  }

  get headers(): IncomingHttpHeaders {
    return this.#incoming.headers;
  }

  /** Every `Authorization` header: a server that signs with two keys sends two. */
  get authorizations(): readonly string[] {
    return this.#incoming.headersDistinct['authorization'] ?? [];
  }

  /** All query parameters, decoded; a repeated one is an array. Has no prototype. */
  get query(): ParsedUrlQuery {
    this.#query ??= parse(this.search);
    return this.#query;
  }

  /** The first value of a query parameter. */
  queryParam(name: string): string | undefined {
    const value = this.query[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /**
   * The body as it comes in, for `bodyKind: 'raw'`. Throws, or ends the stream with, 413 `M_TOO_LARGE` beyond
   * `maxBytes`.
   */
  stream(maxBytes: number): Readable {
    return limitedStream(this.#incoming, maxBytes);
  }

  /**
   * Calls back once when {@link signal} would fire, at once if it has, for those who wait often: a signal costs more.
   * It is forgotten once the answer has gone out, or by what this answers.
   */
  whenOver(callback: () => void): () => void {
    if (this.#abortedFor !== undefined || this.#response.closed || this.#response.destroyed) {
      callback();
      return () => undefined;
    }
    const forget = () => {
      this.#response.off('close', over);
      this.#onStop?.delete(over);
    };
    const over = () => {
      forget();
      if (!this.#response.writableFinished) callback();
    };
    this.#response.on('close', over);
    this.#onStop ??= new Set();
    this.#onStop.add(over);
    return forget;
  }

  /** Fires when nobody waits for the answer any more, or when the server stops: long polls then answer at once. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortedFor !== undefined) this.#abort.abort(this.#abortedFor);
      else if (this.#response.closed || this.#response.destroyed) this.#abort.abort('client-gone');
      else {
        this.#response.once('close', () => {
          // Nobody is left to be told once the answer has gone out.
          if (!this.#response.writableFinished) this.#abort?.abort('client-gone');
        });
      }
    }
    return this.#abort.signal;
  }

  get connection(): Socket {
    return this.#incoming.socket;
  }

  /** Tells the handler to come to an end, and closes the connection once the answer is sent. */
  finishSoon(): void {
    if (this.#response.headersSent) this.#response.once('finish', () => this.connection.end());
    else this.#response.shouldKeepAlive = false;
    this.#abortedFor = 'shutting-down';
    this.#abort?.abort(this.#abortedFor);
    for (const over of [...(this.#onStop ?? [])]) over();
  }
}
