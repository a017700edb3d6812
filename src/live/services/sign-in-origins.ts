/**
 * From which web pages viewers may be signed in: this server's own, those of the configuration, and those that a channel
 * names for itself. Without an origin it is no page that asks: an app or a bot. Cookies are never read, so that there
 * is nothing which another page could ride on.
 */
import type { ChannelBook } from './channel-book.ts';

export class SignInOrigins {
  readonly #everywhere: ReadonlySet<string>;
  readonly #book: Pick<ChannelBook, 'find'>;

  /** `origins`: `*` is any. */
  constructor(publicBaseUrl: string, origins: readonly string[], book: Pick<ChannelBook, 'find'>) {
    this.#everywhere = new Set([new URL(publicBaseUrl).origin, ...origins]);
    this.#book = book;
  }

  allow(origin: string | undefined, channels: readonly string[]): boolean {
    if (origin === undefined || this.#everywhere.has('*') || this.#everywhere.has(origin)) return true;
    const [first] = channels;
    return first !== undefined && channels.every((id) => this.#book.find(id)?.state.embedOrigins.includes(origin));
  }
}
