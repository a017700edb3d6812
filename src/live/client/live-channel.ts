/** One channel as a client sees it: where it stands, what it tells, and what may be done in it. */
import { Emitter } from './emitter.ts';
import { cutOff, LiveError } from './live-error.ts';
import { type ChannelEvents, type Counts, type Fields, KINDS, type You } from './live-events.ts';
import type { MessageOptions, Outbox, Sent } from './outbox.ts';

export interface Frame extends Fields {
  readonly op: string;
}

/** What a channel asks of its connection. */
export interface Line {
  send(frame: Frame): unknown;
  /** Writes and waits for the answer. */
  ask(frame: Frame): Promise<Fields>;
}

const UNKNOWN = Number.NEGATIVE_INFINITY;

export class LiveChannel extends Emitter<ChannelEvents> {
  readonly id: string;
  readonly #line: Line;
  /** Of those who write. */
  #outbox: Outbox | undefined;
  #loading: Promise<Outbox> | undefined;
  /** Why there is nothing to wait for. */
  #over: LiveError | undefined;
  /** The number of the channel in frames of this connection. */
  #handle: number | undefined;
  #epoch: string | undefined;
  #seq = 0;
  #toldAt = 0;
  /** Milliseconds by which the server's clock is ahead of `performance.now()`; what took long says too little. */
  #ahead = UNKNOWN;
  #laneSeq: number | undefined;
  /** Ticks are left out until the server says where this goes on. */
  #isFindingBack = true;
  #you: You | undefined;

  constructor(id: string, line: Line) {
    super();
    this.id = id;
    this.#line = line;
  }

  /** Who one is here; undefined until the channel is joined. */
  get you(): You | undefined {
    return this.#you;
  }

  get handle(): number | undefined {
    return this.#handle;
  }

  /**
   * Sends a message, as soon as there is a connection. Rejects with a {@link LiveError} that says why not, `expired`
   * where there was none for two minutes.
   */
  async send(body: string, options: MessageOptions = {}): Promise<Sent> {
    const outbox = await this.#load();
    if (this.#over) throw this.#over;
    return outbox.add(body, options);
  }

  /**
   * Counts a reaction to the stream, or to a message by its id; several are told together, one kind at a time, and
   * none without a connection.
   */
  react(key: string, event?: string): void {
    this.#load().then(
      (outbox) => outbox.react(key, event),
      () => undefined,
    );
  }

  async vote(poll: string, answers: readonly (number | string)[]): Promise<void> {
    await this.#ask({ op: 'vote', poll, a: answers });
  }

  /** Does what moderators do, as `moderate('timeout', { user, seconds: 60 })`; answers what the endpoint would. */
  moderate(action: string, args: Fields = {}): Promise<Fields> {
    return this.#ask({ op: 'mod', ...args, do: action });
  }

  /** Accepts a warning, without which one may not chat on. */
  async acknowledge(): Promise<void> {
    await this.#ask({ op: 'ack' });
  }

  /** Where to go on, for `hello` and `sub`. */
  get position(): Fields {
    const [epoch, mseq] = [this.#epoch, this.#laneSeq];
    // What is undefined is in no JSON.
    return { ch: this.id, epoch, seq: epoch && this.#seq, mseq };
  }

  /** When, by the server's clock, everything up to {@link position} had been told: milliseconds since the epoch. */
  get toldAt(): number {
    return this.#toldAt;
  }

  /** What the server's clock says now, as far as is known. */
  get serverTime(): number {
    return performance.now() + this.#ahead;
  }

  /** Takes a frame of the gateway for this channel. */
  take(frame: Frame): void {
    switch (frame.op) {
      case 'joined':
        this.#joined(frame);
        return;
      case 'snap':
        this.#snapshot(frame);
        return;
      case 't':
        this.#tick(frame);
        return;
      case 'mt':
        this.#lane(frame);
        return;
      case 'me':
        this.#stand(frame['you']);
        this.emit('you', this.#you as You);
        return;
      case 'held':
        this.emit('held', frame as never);
    }
  }

  refused(error: LiveError): void {
    this.abandon(error);
    this.emit('refused', error);
  }

  cut(): void {
    this.#handle = undefined;
    this.#outbox?.cut();
  }

  /** Sends again what is not answered. */
  resend(): void {
    this.#outbox?.cut();
    this.#outbox?.flush();
  }

  /** Is watched no more. */
  abandon(error = new LiveError('closed', 'It was closed')): void {
    this.cut();
    this.#over = error;
    this.#outbox?.abandon(error);
  }

  /** What those who write and react need; readers never download it. */
  #load(): Promise<Outbox> {
    this.#loading ??= import('./outbox.ts').then(
      ({ Outbox }) => {
        this.#outbox = new Outbox({
          transmit: (draft) => (this.#handle === undefined ? undefined : this.#ask({ op: 'send', ...draft })),
          tell: (frame) => this.#handle !== undefined && this.#line.send({ ...frame, r: this.#handle }),
          errorOf: (code, message) => new LiveError(code, message),
          changed: (waiting) => this.emit('outbox', waiting),
        });
        return this.#outbox;
      },
      () => {
        this.#loading = undefined;
        throw cutOff();
      },
    );
    return this.#loading;
  }

  #joined({ r, you, room, rec, mseq }: Frame): void {
    this.#handle = r as number;
    this.#over = undefined;
    this.#isFindingBack = rec !== true;
    this.#laneSeq ??= mseq as number | undefined;
    this.#stand(you);
    this.emit('joined', { you: you as You, room: String(room), isRecovered: rec === true });
    this.#outbox?.flush();
  }

  #stand(you: unknown): void {
    this.#you = you as You;
    // As long as there is a network: when they write there may be none.
    if (this.#you.why !== 'signed_out') this.#load().catch(() => undefined);
  }

  #snapshot({ epoch, seq, st, ev, a, ...facts }: Frame): void {
    this.#ahead = UNKNOWN;
    this.#noteTime(st);
    this.#epoch = epoch as string;
    this.#seq = seq as number;
    this.#isFindingBack = false;
    this.emit('snapshot', { messages: numbered(ev) as never[], counts: (a ?? {}) as Counts, facts });
  }

  #tick({ p, q, st, ev, a, sk }: Frame): void {
    if (this.#isFindingBack) return;
    const last = q as number;
    if (p !== this.#seq) {
      // Told before, or something is missing: the server tells again from here.
      if (last <= this.#seq) return;
      this.#isFindingBack = true;
      this.#line.send({ op: 'sub', ...this.position });
      return;
    }
    this.#seq = last;
    this.#noteTime(st);
    for (const entry of numbered(ev, p as number)) {
      const name = KINDS[entry['k'] as string];
      if (name) this.emit(name, entry as never);
    }
    if (a !== undefined) this.emit('counts', a as Counts);
    if (sk !== undefined) this.emit('skipped', sk as number);
  }

  #noteTime(st: unknown = this.serverTime): void {
    this.#toldAt = st as number;
    this.#ahead = Math.max(this.#ahead, this.#toldAt - performance.now());
  }

  #lane({ q, ev }: Frame): void {
    this.#laneSeq = q as number;
    for (const entry of (ev ?? []) as Fields[]) this.emit('lane', entry);
  }

  #ask(frame: Frame): Promise<Fields> {
    if (this.#handle === undefined) return Promise.reject(cutOff());
    return this.#line.ask({ ...frame, r: this.#handle });
  }
}

/** Entries with what frames leave out: a number that is the next, and a name that is the local part of the user id. */
export function numbered(ev: unknown, previous = 0): readonly Fields[] {
  let last = previous;
  const entries = (ev ?? []) as { s?: number; u?: string; n?: string; tx?: string }[];
  for (const entry of entries) {
    entry.s ??= last + 1;
    last = entry.s;
    if (entry.tx !== undefined && entry.u !== undefined) entry.n ??= entry.u.replace(/^@|:.*/gs, '');
  }
  return entries;
}
