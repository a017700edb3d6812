/**
 * Messages under way. Each has a name of its own, by which the server knows it when it comes again: what was cut off is
 * sent once more, and shown once. Only those who write download it.
 */

import type { Frame } from './live-channel.ts';
import type { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';

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
  /** Names the attempt, for who sends it again after the page was loaded anew: it is the same message. */
  readonly txn?: string;
}

export interface Draft extends MessageOptions {
  readonly txn: string;
  readonly body: string;
}

export interface OutboxParts {
  /** Rejects with a {@link LiveError}. Undefined: there is no connection. */
  transmit(draft: Draft): Promise<Fields> | undefined;
  /** Answers whether there is a connection. */
  tell(frame: Frame): unknown;
  /** So that this need not be downloaded with all that it is used with. */
  errorOf(code: string, message: string): LiveError;
  /** Told how many messages wait to be sent, or for what became of them. */
  changed(waiting: number): void;
}

interface Waiting {
  readonly draft: Draft;
  readonly since: number;
  /** Had to wait for a connection, so that a pace that the writer did not choose is no reason to give up. */
  wasHeld: boolean;
  isUnderWay: boolean;
  readonly expiry: ReturnType<typeof setTimeout>;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** The server takes two frames a second of everything. */
const REACTIONS_MS = 600;
/** That one frame may stand for, and kinds that wait. */
const MAX_REACTIONS = 10;
const MAX_WAITING = 50;
/** The chat has gone on: what could not be sent by then is not said any more. */
const PATIENCE_MS = 120_000;
/** Refusals that say "not yet". */
const NOT_YET = ['slow_mode', 'rate_limited', 'room_busy', 'unavailable'];

export class Outbox {
  readonly #waiting = new Set<Waiting>();
  readonly #parts: OutboxParts;
  readonly #patienceMs: number;
  readonly #reactions = new Map<
    string,
    { readonly k: string; readonly c: number; readonly event: string | undefined }
  >();
  #reacting: ReturnType<typeof setInterval> | undefined;

  constructor(parts: OutboxParts, patienceMs: number = PATIENCE_MS) {
    this.#parts = parts;
    this.#patienceMs = patienceMs;
  }

  add(body: string, { txn = newName(), ...options }: MessageOptions): Promise<Sent> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(this.#parts.errorOf('too_many', 'Too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      const expiry = setTimeout(() => this.#expire(each), this.#patienceMs);
      const fate = { since: Date.now(), wasHeld: false, isUnderWay: false, expiry, resolve, reject };
      const each: Waiting = { draft: { ...options, txn, body }, ...fate };
      this.#waiting.add(each);
      this.#parts.changed(this.#waiting.size);
      this.flush();
    });
  }

  /** Counts a reaction; what is counted is told one kind at a time, and not at all without a connection. */
  react(k: string, event: string | undefined): void {
    const name = `${k} ${event}`;
    const known = this.#reactions.get(name);
    if (!known && this.#reactions.size >= MAX_REACTIONS) return;
    this.#reactions.set(name, { k, event, c: Math.min(MAX_REACTIONS, (known?.c ?? 0) + 1) });
    this.#reacting ??= setInterval(() => {
      const [next] = this.#reactions;
      if (!next) return this.#endReactions();
      const [name, reaction] = next;
      this.#reactions.delete(name);
      if (!this.#parts.tell({ op: 'react', ...reaction })) this.#endReactions();
    }, REACTIONS_MS);
  }

  #endReactions(): void {
    clearInterval(this.#reacting);
    this.#reacting = undefined;
    this.#reactions.clear();
  }

  /** Sends what is not under way, in order. */
  flush(): void {
    for (const each of this.#waiting) {
      if (each.isUnderWay) continue;
      // Timers stand still while a machine sleeps.
      if (Date.now() - each.since > this.#patienceMs) {
        this.#expire(each);
        continue;
      }
      const answer = this.#parts.transmit(each.draft);
      each.isUnderWay = answer !== undefined;
      if (!answer) each.wasHeld = true;
      answer?.then(
        (fields) => this.#drop(each) && each.resolve(sentIn(fields)),
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
    this.#endReactions();
    for (const each of [...this.#waiting]) if (this.#drop(each)) each.reject(error);
  }

  #refused(each: Waiting, error: LiveError): void {
    const { code, retryMs } = error;
    // It is sent again with the next connection.
    if (code === 'cut') return;
    // Part of the server is away, and with it what becomes of what is sent: it has to wait as without a connection.
    if (code === 'unavailable') each.wasHeld = true;
    const isEarly = each.wasHeld && NOT_YET.includes(code) && Date.now() - each.since < this.#patienceMs;
    if (!isEarly || retryMs === undefined) {
      if (this.#drop(each)) each.reject(error);
      return;
    }
    setTimeout(() => {
      each.isUnderWay = false;
      this.flush();
    }, retryMs);
  }

  #expire(each: Waiting): void {
    if (this.#drop(each)) each.reject(this.#parts.errorOf('expired', 'There was no connection for too long'));
  }

  /** Whether it has waited until now. */
  #drop(each: Waiting): boolean {
    clearTimeout(each.expiry);
    const hasWaited = this.#waiting.delete(each);
    if (hasWaited) this.#parts.changed(this.#waiting.size);
    return hasWaited;
  }
}

/** What the answer says became of a message. */
function sentIn({ id, event_id, s, sel }: Fields): Sent {
  return {
    id: String(id ?? ''),
    eventId: String(event_id ?? ''),
    seq: s as number | undefined,
    isShown: sel !== false,
  };
}

/** A name that nobody else has made; no secret. */
export function newName(): string {
  const part = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}.${part()}${part()}`;
}
