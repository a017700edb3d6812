/** What is asked of the server by HTTP, where no WebSocket gets through. A token goes into a header, never into an address. */
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import { errorIn } from './questions.ts';

export interface HttpLineOptions {
  /** Address of the live API, as `https://example.org/_matrix/client/unstable/online.beamify/live`. */
  readonly base: string;
  /** Access token of whoever is signed in. */
  readonly token: (() => Promise<string | undefined>) | undefined;
  readonly fetch: typeof fetch;
}

export class HttpLine {
  readonly #options: HttpLineOptions;
  /** Asks as nobody: whoever it was is banned. */
  isNobody = false;

  constructor(options: HttpLineOptions) {
    this.#options = options;
  }

  get knowsSomebody(): boolean {
    return !this.isNobody && this.#options.token !== undefined;
  }

  /** Rejects where there is no network; whatever the server says is an answer. */
  async request(method: string, path: string, signal?: AbortSignal, body?: Fields): Promise<Response> {
    const { base, token, fetch } = this.#options;
    const known = this.isNobody ? undefined : await token?.();
    return fetch(`${base}${path}`, {
      method,
      headers: {
        ...(known === undefined ? {} : { Authorization: `Bearer ${known}` }),
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

  /** A ticket for the gateway; undefined for nobody. Rejects while the server gives none. */
  async ticket(): Promise<string | undefined> {
    if ((await this.#options.token?.()) === undefined) return undefined;
    const answer = await this.request('POST', '/ticket', undefined, {});
    const { ticket } = (await answer.json()) as Fields;
    if (typeof ticket !== 'string') throw new LiveError(String(answer.status), 'There is no ticket');
    return ticket;
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
