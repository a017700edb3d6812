/**
 * From which web pages viewers may be signed in: this server's own, those of the configuration, and those that a channel
 * names for itself. Without an origin it is no page that asks: an app or a bot. Cookies are never read, so that there
 * is nothing which another page could ride on.
 */
import { isSameOrigin, plainOrigin } from './bound-secrets.ts';
import type { ChannelBook } from './channel-book.ts';

export class SignInOrigins {
  readonly #everywhere: ReadonlySet<string | undefined>;
  readonly #book: Pick<ChannelBook, 'find'>;

  /** `origins`: `*` is any. */
  constructor(publicBaseUrl: string, origins: readonly string[], book: Pick<ChannelBook, 'find'>) {
    this.#everywhere = new Set([new URL(publicBaseUrl).origin, ...origins].map(plainOrigin));
    this.#book = book;
  }

  allow(origin: string | undefined, channels: readonly string[]): boolean {
    if (origin === undefined || this.#everywhere.has('*') || this.#everywhere.has(plainOrigin(origin))) return true;
    const [first] = channels;
    return first !== undefined && channels.every((id) => this.#isNamed(id, origin));
  }

  #isNamed(channel: string, origin: string): boolean {
    return this.#book.find(channel)?.state.embedOrigins.some((named) => isSameOrigin(named, origin)) === true;
  }
}
