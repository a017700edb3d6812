/**
 * Messages under way. Each has a name of its own, by which the server knows it when it comes again: what was cut off is
 * sent once more, and shown once.
 */
import { LiveError } from './live-error.ts';

/** What became of a message: its name in the channel, its event, its number, and whether viewers see it live. */
export interface Sent {
  readonly id: string;
  readonly eventId: string;
  readonly seq: number | undefined;
  readonly isShown: boolean;
}

export interface MessageOptions {
  /** Id of the message it answers. */
  readonly reply?: string;
  readonly me?: boolean;
}

export interface Draft extends MessageOptions {
  readonly txn: string;
  readonly body: string;
}

/** Rejects with a {@link LiveError}. Undefined: there is no connection. */
type Transmit = (draft: Draft) => Promise<Sent> | undefined;

interface Waiting {
  readonly draft: Draft;
  readonly since: number;
  /** Had to wait for a connection, so that a pace that the writer did not choose is no reason to give up. */
  wasHeld: boolean;
  isUnderWay: boolean;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_WAITING = 50;
const PATIENCE_MS = 120_000;
/** Refusals that say "not yet". */
const NOT_YET = ['slow_mode', 'rate_limited', 'room_busy'];

export class Outbox {
  readonly #waiting = new Set<Waiting>();
  readonly #transmit: Transmit;

  constructor(transmit: Transmit) {
    this.#transmit = transmit;
  }

  add(body: string, options: MessageOptions): Promise<Sent> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new LiveError('too_many', 'Too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      const draft = { txn: newName(), body, ...options };
      this.#waiting.add({ draft, since: Date.now(), wasHeld: false, isUnderWay: false, resolve, reject });
      this.flush();
    });
  }

  /** Sends what is not under way, in order. */
  flush(): void {
    for (const each of this.#waiting) {
      if (each.isUnderWay) continue;
      const answer = this.#transmit(each.draft);
      each.isUnderWay = answer !== undefined;
      if (!answer) each.wasHeld = true;
      answer?.then(
        (sent) => this.#waiting.delete(each) && each.resolve(sent),
        (error) => this.#refused(each, error),
      );
    }
  }

  /** The connection is gone, and answers with it. */
  cut(): void {
    for (const each of this.#waiting) {
      each.isUnderWay = false;
      each.wasHeld = true;
    }
  }

  /** Gives everything up. */
  abandon(error: LiveError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #refused(each: Waiting, error: LiveError): void {
    const { code, retryMs } = error;
    // It is sent again with the next connection.
    if (code === 'cut') return;
    const isEarly = each.wasHeld && NOT_YET.includes(code) && Date.now() - each.since < PATIENCE_MS;
    if (!isEarly || retryMs === undefined) {
      if (this.#waiting.delete(each)) each.reject(error);
      return;
    }
    setTimeout(() => {
      each.isUnderWay = false;
      this.flush();
    }, retryMs);
  }
}

/** A name that nobody else has made; no secret. */
export function newName(): string {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}.${part()}${part()}`;
}
