/** As whom a client asks: by a ticket or a secret on a WebSocket, by a token or a pass in a header, or as nobody. */
import type { Fields } from './live-events.ts';
import type { LiveClientOptions } from './live-options.ts';

export class Credentials {
  readonly #options: LiveClientOptions;
  /** Of the connection before, in place of a new ticket. */
  secret: unknown;
  /** A ticket that was handed over, and not asked for; until it is used. */
  ticket: string | undefined;
  /** Asks as nobody: whoever it was has signed out, or gets no tickets that are good. */
  isNobody = false;
  /** A token that is not good any more: until there is another it is nobody who asks. */
  refused: string | undefined;

  constructor(options: LiveClientOptions) {
    this.#options = options;
  }

  become(isNobody: boolean, ticket?: string): void {
    this.secret = this.refused = undefined;
    this.isNobody = isNobody;
    this.ticket = ticket;
  }

  /** For a header; undefined for nobody. */
  async token(): Promise<string | undefined> {
    const token = this.isNobody ? undefined : await this.#options.token?.();
    return token === this.refused ? undefined : token;
  }

  /** For `hello`, and for a pass. Rejects while whoever gives tickets is away. */
  async greeting(): Promise<Fields> {
    const { overlayKey: overlay, ticket, token } = this.#options;
    if (overlay) return { overlay };
    if (this.isNobody) return {};
    if (this.ticket) return { ticket: this.ticket };
    if (this.secret) return { resume: this.secret };
    if (ticket || !token) return { ticket: await ticket?.() };
    const { ticketByToken } = await import('./ticket-by-token.ts');
    return { ticket: await ticketByToken(this.#options, this) };
  }
}
