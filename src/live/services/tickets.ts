/**
 * Tickets: what a browser shows at the gateway instead of its access token. Good once, for a minute, for one user and
 * device and the web origin that asked. Kept as hashes, in memory.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Random } from '../../util/random.ts';

export interface TicketHolder {
  readonly userId: string;
  readonly deviceId: string;
}

interface Ticket extends TicketHolder {
  readonly origin: string | undefined;
  readonly expiresAt: number;
}

export const TICKET_MS = 60_000;
/** 22 letters and digits are more than 128 bits. */
const LENGTH = 22;

export class Tickets {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tickets: Lru<string, Ticket>;

  /** `max`: tickets that are not used yet; beyond, the oldest is good no more. */
  constructor(clock: Clock, random: Random, max: number) {
    this.#clock = clock;
    this.#random = random;
    this.#tickets = new Lru({ max });
  }

  issue({ userId, deviceId }: TicketHolder, origin: string | undefined): string {
    const ticket = this.#random.token(LENGTH);
    this.#tickets.set(hashOf(ticket), { userId, deviceId, origin, expiresAt: this.#clock.now() + TICKET_MS });
    return ticket;
  }

  /** Whose ticket it is, once: whatever the answer, it is used. */
  redeem(ticket: string, origin: string | undefined): TicketHolder | undefined {
    const hash = hashOf(ticket);
    const known = this.#tickets.get(hash);
    if (!known) return undefined;
    this.#tickets.delete(hash);
    if (known.origin !== origin || known.expiresAt <= this.#clock.now()) return undefined;
    return { userId: known.userId, deviceId: known.deviceId };
  }

  /** Takes back the tickets of a user, or of one of its devices: it has logged out. */
  revoke(userId: string, deviceId?: string): void {
    for (const [hash, ticket] of [...this.#tickets.entries()]) {
      if (ticket.userId === userId && (deviceId === undefined || ticket.deviceId === deviceId)) {
        this.#tickets.delete(hash);
      }
    }
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
