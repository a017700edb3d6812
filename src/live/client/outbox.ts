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

interface Waiting {
  readonly draft: Draft;
  readonly since: number;
  /** Had to wait for a connection, so that a pace that the writer did not choose is no reason to give up. */
  wasHeld: boolean;
  isUnderWay: boolean;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: LiveError) => void;
}

const MAX_WAITING = 50;
const PATIENCE_MS = 120_000;
/** Refusals that say "not yet". */
const NOT_YET = new Set(['slow_mode', 'rate_limited', 'room_busy']);

export class Outbox {
  readonly #waiting: Waiting[] = [];
  readonly #transmit: (draft: Draft) => boolean;

  /** `transmit` answers whether there is a connection. */
  constructor(transmit: (draft: Draft) => boolean) {
    this.#transmit = transmit;
  }

  add(body: string, options: MessageOptions): Promise<Sent> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new LiveError('too_many', 'Too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      const draft = { txn: newName(), body, ...options };
      this.#waiting.push({ draft, since: Date.now(), wasHeld: false, isUnderWay: false, resolve, reject });
      this.flush();
    });
  }

  /** Sends what is not under way, in order. */
  flush(): void {
    for (const each of this.#waiting) {
      if (each.isUnderWay) continue;
      each.isUnderWay = this.#transmit(each.draft);
      if (!each.isUnderWay) each.wasHeld = true;
    }
  }

  /** The connection is gone, and answers with it. */
  cut(): void {
    for (const each of this.#waiting) {
      each.isUnderWay = false;
      each.wasHeld = true;
    }
  }

  accepted(txn: string, sent: Sent): void {
    this.#take(txn)?.resolve(sent);
  }

  refused(txn: string, error: LiveError): void {
    const each = this.#waiting.find(({ draft }) => draft.txn === txn);
    if (!each) return;
    const { retryMs } = error;
    const isEarly = each.wasHeld && NOT_YET.has(error.code) && Date.now() - each.since < PATIENCE_MS;
    if (!isEarly || retryMs === undefined) {
      this.#take(txn)?.reject(error);
      return;
    }
    setTimeout(() => {
      each.isUnderWay = false;
      this.flush();
    }, retryMs);
  }

  /** Gives everything up. */
  abandon(error: LiveError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #take(txn: string): Waiting | undefined {
    const at = this.#waiting.findIndex(({ draft }) => draft.txn === txn);
    return at === -1 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}

/** A name that nobody else has made; no secret. */
export function newName(): string {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}.${part()}${part()}`;
}
