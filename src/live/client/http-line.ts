/** What is asked of the server by HTTP, where no WebSocket gets through. A token goes into a header, never into an address. */
import type { Credentials } from './credentials.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import type { LiveClientOptions } from './live-options.ts';
import { errorIn } from './questions.ts';

export class HttpLine {
  readonly credentials: Credentials;
  readonly #base: string;
  readonly #fetch: typeof fetch;

  constructor(options: LiveClientOptions, credentials: Credentials) {
    this.credentials = credentials;
    this.#base = options.gateway.replace(/^ws/, 'http').replace(/\/gateway$/, '');
    // Browsers want to see their own window behind it.
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
  }

  /** Rejects where there is no network; whatever the server says is an answer. */
  async request(method: string, path: string, signal?: AbortSignal, body?: Fields): Promise<Response> {
    const token = await this.credentials.token();
    const ask = this.#fetch;
    return ask(`${this.#base}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      credentials: 'omit',
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Reads an object. Rejects with a {@link LiveError} whose code is the status where there is none. */
  async read(path: string, signal: AbortSignal): Promise<Fields> {
    const answer = await this.request('GET', path, signal);
    const json = (await answer.json()) as Fields;
    if (!answer.ok) throw new LiveError(String(answer.status), String(json['error']));
    return json;
  }

  /** Has a frame done. Rejects with a {@link LiveError}: `cut` where it is not known whether it was. */
  async perform(channel: string, frame: Fields): Promise<Fields> {
    const cut = new LiveError('cut', 'There is no connection');
    const answer = await this.request('POST', `${pathOf(channel)}/frames`, undefined, frame).catch(() => {
      throw cut;
    });
    const json = (await answer.json().catch(() => ({}))) as Fields;
    if (answer.status >= 500) throw cut;
    const { error: msg, errcode: code, retry_after_ms: retry_ms } = json;
    if (!answer.ok) throw errorIn({ code: code === 'M_LIMIT_EXCEEDED' ? 'rate_limited' : code, msg, retry_ms });
    if (json['op'] === 'ok') return json;
    throw errorIn(json);
  }
}

export function pathOf(channel: string): string {
  return `/channels/${encodeURIComponent(channel)}`;
}
