/**
 * Tickets: what a browser shows at the gateway instead of its access token. Good once, for a minute, for one user and
 * device and the web origin that asked.
 */
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type Bound, BoundSecrets, type TicketHolder } from './bound-secrets.ts';

export type { TicketHolder } from './bound-secrets.ts';

export const TICKET_MS = 60_000;

export class Tickets {
  readonly #clock: Clock;
  readonly #tickets: BoundSecrets<Bound>;

  /** `max`: tickets that are not used yet; beyond, the oldest is good no more. */
  constructor(clock: Clock, random: Random, max: number) {
    this.#clock = clock;
    this.#tickets = new BoundSecrets(clock, random, max);
  }

  issue({ userId, deviceId }: TicketHolder, origin: string | undefined): string {
    return this.#tickets.issue({ userId, deviceId, origin, expiresAt: this.#clock.now() + TICKET_MS });
  }

  /** Whose ticket it is, once: whatever the answer, it is used. */
  redeem(ticket: string, origin: string | undefined): TicketHolder | undefined {
    return this.#tickets.redeem(ticket, origin);
  }

  /** Takes back the tickets of a user, or of one of its devices: it has logged out. */
  revoke(userId: string, deviceId?: string): void {
    this.#tickets.revoke(userId, deviceId);
  }
}
