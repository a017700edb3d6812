/** What is asked of the server by HTTP, where no WebSocket gets through. Tokens and passes go into a header. */
import type { Credentials } from './credentials.ts';
import { cutOff, LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import type { LiveClientOptions } from './live-options.ts';
import { PassBook } from './pass-book.ts';
import { errorIn } from './questions.ts';

export class HttpLine {
  readonly passes: PassBook;
  readonly #base: string;
  readonly #fetch: typeof fetch;

  constructor(options: LiveClientOptions, credentials: Credentials) {
    this.#base = options.gateway.replace(/^ws/, 'http').replace(/\/gateway$/, '/channels/');
    // Browsers want to see their own window behind it.
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.passes = new PassBook(credentials, (channel, shown) => this.#ask('POST', channel, '/pass', {}, shown));
  }

  /** Whether it is somebody who asks. */
  async isSomebody(channel: string): Promise<boolean> {
    return (await this.passes.header(channel)) !== undefined;
  }

  /** Rejects where there is no network; whatever the server says is an answer. */
  async request(method: string, channel: string, path: string, signal?: AbortSignal, body?: Fields): Promise<Response> {
    const Authorization = await this.passes.header(channel);
    const answer = await this.#ask(method, channel, path, { Authorization, signal }, body);
    if (answer.status !== 401 || Authorization === undefined) return answer;
    // As whoever it is by now, or else as nobody.
    this.passes.refused(channel, Authorization);
    await this.passes.enter(channel);
    return this.#ask(method, channel, path, { Authorization: await this.passes.header(channel), signal }, body);
  }

  /** Reads an object. Rejects with a {@link LiveError} whose code is the status where there is none. */
  async read(channel: string, path: string, signal: AbortSignal): Promise<Fields> {
    const answer = await this.request('GET', channel, path, signal);
    const json = (await answer.json()) as Fields;
    if (!answer.ok) throw new LiveError(String(answer.status), String(json['error']));
    return json;
  }

  /** Has a frame done. Rejects with a {@link LiveError}: `cut` where it is not known whether it was. */
  async perform(channel: string, frame: Fields): Promise<Fields> {
    const answer = await this.request('POST', channel, '/frames', undefined, frame).catch(() => {
      throw cutOff();
    });
    const json = (await answer.json().catch(() => ({}))) as Fields;
    if (answer.status >= 500) throw cutOff();
    const { error: msg, errcode: code, retry_after_ms: retry_ms } = json;
    if (!answer.ok) throw errorIn({ code: code === 'M_LIMIT_EXCEEDED' ? 'rate_limited' : code, msg, retry_ms });
    if (json['op'] === 'ok') return json;
    throw errorIn(json);
  }

  #ask(method: string, channel: string, path: string, { Authorization, signal }: Asked, body?: Fields) {
    const ask = this.#fetch;
    return ask(`${this.#base}${encodeURIComponent(channel)}${path}`, {
      method,
      headers: {
        ...(Authorization === undefined ? {} : { Authorization }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      credentials: 'omit',
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

interface Asked {
  readonly Authorization?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
