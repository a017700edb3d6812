/** As whom a client asks: by a ticket or a secret on a WebSocket, by a token in a header, or as nobody. */
import type { Fields } from './live-events.ts';
import type { LiveClientOptions } from './live-options.ts';

export class Credentials {
  readonly #options: LiveClientOptions;
  /** Of the connection before, in place of a new ticket. */
  secret: unknown;
  /** Asks as nobody: whoever it was is banned. */
  isNobody = false;

  constructor(options: LiveClientOptions) {
    this.#options = options;
  }

  /** For a header; undefined for nobody. */
  async token(): Promise<string | undefined> {
    return this.isNobody ? undefined : this.#options.token?.();
  }

  /** For `hello`. Rejects while whoever gives tickets is away. */
  async greeting(): Promise<Fields> {
    const { overlayKey: overlay, ticket, token } = this.#options;
    if (overlay !== undefined) return { overlay };
    if (this.isNobody) return {};
    if (this.secret) return { resume: this.secret };
    if (ticket || !token) return { ticket: await ticket?.() };
    const { ticketByToken } = await import('./ticket-by-token.ts');
    return { ticket: await ticketByToken(this.#options, await this.token()) };
  }
}
