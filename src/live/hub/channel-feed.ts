/**
 * What the viewers of a channel in this process get: follows the order of the room, keeps what they can catch up with,
 * and makes a tick of what came since the last. Whatever happens to the order, nothing is skipped without a word: the
 * feed goes on without a gap or starts anew.
 */
import type { Clock } from '../../util/clock.ts';
import { type AggregateLimits, Aggregates } from './aggregates.ts';
import { CHUNK_MS, chunkText } from './chunk.ts';
import { hasText, type NumberedEntry } from './entry.ts';
import type { Excerpt, Position, PublishedBatch, RoomOrder } from './order/room-order.ts';
import { Pacer } from './pacer.ts';
import { type Snapshot, Snapshots } from './snapshot.ts';
import type { TickParts } from './tick.ts';
import { RecoveryWindow, type WindowLimits } from './window.ts';

export interface FeedOptions {
  readonly room: string;
  /** Names the channel in frames of this process. */
  readonly handle: number;
  readonly order: RoomOrder;
  readonly clock: Clock;
  readonly window: WindowLimits;
  /** Milliseconds between two ticks; 0: one for each batch. Viewers may gather for longer. */
  readonly tickMs: number;
  readonly aggregates: AggregateLimits;
  /** Messages of a snapshot. */
  readonly snapshotMessages: number;
  /** Entries of one frame that catches up. */
  readonly recoveryEntries: number;
  /** The settings, the pin, the poll and the session as members of a JSON object, as `"set":{},"pin":null`. */
  facts(): string;
  onFault(error: unknown): void;
}

/** Where somebody stands after {@link ChannelFeed.join}, and how to get there. */
export interface Joined {
  readonly position: Position;
  /** Whether what is sent goes on where they were; otherwise the snapshot comes first. */
  readonly isRecovered: boolean;
  readonly snapshot: Snapshot | undefined;
  readonly missed: readonly TickParts[];
}

export interface Audience {
  /** There is more to tell to all. */
  tick(parts: TickParts): void;
  /** The order began anew: all have to begin with the snapshot. */
  reset(): void;
}

/** What comes into a feed, for whoever tells it on to other processes or looks after who may watch. */
export interface FeedObserver {
  /** Entries are in, and viewers not told of them yet. */
  entered?(entries: readonly NumberedEntry[]): void;
  /** Viewers have come or gone, here or elsewhere. */
  viewersChanged?(): void;
  reacted?(key: string, count: number): void;
  /** Undefined: the poll is over. */
  tallied?(poll: string, counts: readonly number[] | undefined): void;
  factsChanged?(): void;
}

const RETRY_MS = 1000;
/** How far a client that comes from another process may be ahead of this one. */
const MAX_AHEAD = 200;

export class ChannelFeed {
  readonly #options: FeedOptions;
  readonly #audience: Audience;
  readonly #aggregates: Aggregates;
  readonly #pacer: Pacer;
  readonly #snapshots: Snapshots;
  #epoch = '';
  #window: RecoveryWindow;
  /** The last number that viewers have been told. */
  #told = 0;
  #skipped = 0;
  #burials = 0;
  /** What was missed by the last that came: those who were cut off together come back together. */
  #missed: { readonly key: string; readonly frames: readonly TickParts[] | undefined } = { key: '', frames: undefined };
  /** Batches that come while a gap is being closed, and whether there were too many, so that it has to be closed again. */
  #held: { readonly batches: PublishedBatch[]; isShort: boolean } | undefined;
  #unfollow: (() => void) | undefined;
  #isClosed = false;
  readonly #observers = new Set<FeedObserver>();

  constructor(options: FeedOptions, audience: Audience) {
    this.#options = options;
    this.#audience = audience;
    this.#aggregates = new Aggregates(options.aggregates);
    this.#window = new RecoveryWindow(options.window);
    this.#pacer = new Pacer(options.clock, (now) => this.#tick(now));
    this.#snapshots = new Snapshots(options.clock, () => ({
      ...{ handle: options.handle, epoch: this.#epoch, seq: this.#told },
      messages: this.#window.latest(options.snapshotMessages, this.#told, ({ kind }) => kind === 'm' || kind === 'nt'),
      facts: options.facts(),
      aggregates: this.#aggregates.current(),
    }));
  }

  /** Begins to follow. Rejects if the order is out of reach. */
  async open(): Promise<void> {
    const { order, room } = this.#options;
    this.#held = { batches: [], isShort: false };
    this.#unfollow = await order.follow(room, (batch) => this.#receive(batch));
    this.#begin(await order.read(room, undefined));
    this.#release();
  }

  close(): void {
    this.#isClosed = true;
    this.#unfollow?.();
    this.#pacer.stop();
  }

  /** The last messages that are numbered, as a snapshot would show them, behind a number. */
  latestBehind(seq: number): readonly NumberedEntry[] {
    const isWanted = (entry: NumberedEntry) => hasText(entry) && entry.kind !== 'ed' && entry.seq > seq;
    return this.#window.latest(this.#options.snapshotMessages, this.#window.last, isWanted);
  }

  /** Where viewers stand that have been told everything. */
  get position(): Position {
    return { epoch: this.#epoch, seq: this.#told };
  }

  /** Another one once something was deleted: what was made before holds its text. */
  get burials(): number {
    return this.#burials;
  }

  /** What somebody needs who was at `from`, or comes for the first time. Reads nothing but memory. */
  join(from?: Position): Joined {
    const isHere = from !== undefined && from.epoch === this.#epoch;
    const missed = isHere && from.seq <= this.#told ? this.missedSince(from.seq) : undefined;
    if (missed) return { position: this.position, isRecovered: true, snapshot: undefined, missed };
    if (isHere && from.seq > this.#told && from.seq <= this.#told + MAX_AHEAD) {
      return { position: from, isRecovered: true, snapshot: undefined, missed: [] };
    }
    const snapshot = this.#snapshots.current();
    const since = this.missedSince(snapshot.place.seq);
    if (since) return { position: this.position, isRecovered: false, snapshot, missed: since };
    this.#snapshots.discard();
    return { position: this.position, isRecovered: false, snapshot: this.snapshot(), missed: [] };
  }

  /** The frames for somebody who has been told up to `seq`; undefined if some of it has gone. */
  missedSince(seq: number): readonly TickParts[] | undefined {
    const { key, frames } = this.#missed;
    const wanted = `${this.#epoch} ${this.#told} ${this.#burials} ${seq}`;
    if (key === wanted) return frames;
    this.#missed = { key: wanted, frames: this.#framesSince(seq) };
    return this.#missed.frames;
  }

  #framesSince(seq: number): readonly TickParts[] | undefined {
    const entries = this.#window.after(seq, this.#told);
    if (entries === undefined) return undefined;
    const { recoveryEntries } = this.#options;
    const frames: TickParts[] = [];
    for (let at = 0; at < entries.length; at += recoveryEntries) {
      frames.push(this.#parts(entries.slice(at, at + recoveryEntries), seq + at, true));
    }
    return frames;
  }

  /** The tick of those who have been told up to `seq`; undefined if that is too much for one, or some of it has gone. */
  since(seq: number): TickParts | undefined {
    const entries = this.#window.after(seq, this.#told);
    const isOne = entries !== undefined && entries.length <= this.#options.recoveryEntries;
    return isOne ? this.#parts(entries, seq, false) : undefined;
  }

  /** What was told in a slot of {@link CHUNK_MS} of the clock; undefined if some of it has gone, or the epoch is over. */
  chunk(epoch: string, slot: number): string | undefined {
    const from = slot * CHUNK_MS;
    if (epoch !== this.#epoch || from < this.#options.clock.now() - this.#options.window.maxAgeMs) return undefined;
    const entries = this.#window.between(from, from + CHUNK_MS);
    return entries && chunkText(epoch, slot, entries);
  }

  setViewers(count: number): void {
    this.#aggregates.setViewers(count);
    this.#viewersChanged();
  }

  /** Viewers who are connected to other processes. */
  setViewersElsewhere(count: number): void {
    this.#aggregates.setElsewhere(count);
    this.#viewersChanged();
  }

  /** Viewers of this process, and of all. */
  get viewers(): { readonly here: number; readonly inAll: number } {
    return { here: this.#aggregates.here, inAll: this.#aggregates.viewers };
  }

  /** Has an observer told of what is counted from now on, until the answer is called. */
  observe(observer: FeedObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** `by`: the observer who says so, and does not have to be told. */
  react(key: string, count: number, by?: FeedObserver): void {
    this.#aggregates.react(key, count);
    this.#askForAggregates();
    for (const observer of this.#observers) if (observer !== by) observer.reacted?.(key, count);
  }

  /** The votes for each answer of a poll; undefined when it is over. */
  setTally(poll: string, counts: readonly number[] | undefined, by?: FeedObserver): void {
    if (counts === undefined) this.#aggregates.dropTally(poll);
    else this.#aggregates.setTally(poll, counts);
    this.#snapshots.discard();
    this.#askForAggregates();
    for (const observer of this.#observers) if (observer !== by) observer.tallied?.(poll, counts);
  }

  /** The settings, the pin, the polls and the session, as members of a JSON object. */
  get facts(): string {
    return this.#options.facts();
  }

  /** Tells that what `facts` answers has changed. */
  factsChanged(): void {
    this.#snapshots.discard();
    for (const observer of this.#observers) observer.factsChanged?.();
  }

  /** The frame `snap`: encoded once a second at most, and again as soon as something was deleted. */
  snapshot(): Snapshot {
    return this.#snapshots.current();
  }

  #receive(batch: PublishedBatch): void {
    if (this.#held) {
      if (this.#held.batches.length < this.#options.window.maxEntries) this.#held.batches.push(batch);
      else this.#held.isShort = true;
      return;
    }
    const [first] = batch.entries;
    const isNext = batch.epoch === this.#epoch && (first === undefined || first.seq <= this.#window.last + 1);
    if (!isNext) {
      this.#held = { batches: [batch], isShort: false };
      void this.#closeGap();
      return;
    }
    this.#skipped += batch.skipped;
    this.#takeIn(batch.entries.filter(({ seq }) => seq > this.#window.last));
  }

  #takeIn(entries: readonly NumberedEntry[]): void {
    for (const entry of entries) this.#window.append(entry);
    if (entries.some(({ buries }) => buries !== undefined)) {
      this.#burials += 1;
      this.#snapshots.discard();
    }
    for (const observer of this.#observers) observer.entered?.(entries);
    if (entries.some(({ isUrgent }) => isUrgent)) this.#pacer.askUrgently();
    else if (entries.length > 0 || this.#skipped > 0) this.#pacer.ask(this.#options.tickMs);
  }

  /** Reads what is missing, again and again while the order is out of reach. */
  async #closeGap(): Promise<void> {
    const { order, room, clock, onFault } = this.#options;
    // The order has them behind it when it answers, or they are of an epoch that is over.
    const covered = this.#held?.batches.length ?? 0;
    if (this.#held) this.#held.isShort = false;
    try {
      const excerpt = await order.read(room, { epoch: this.#epoch, seq: this.#window.last });
      if (this.#isClosed) return;
      this.#held?.batches.splice(0, covered);
      if (excerpt.isComplete) {
        this.#takeIn(excerpt.entries);
      } else {
        this.#begin(excerpt);
        this.#audience.reset();
      }
      this.#release();
    } catch (error) {
      onFault(error);
      clock.after(RETRY_MS, () => void this.#closeGap());
    }
  }

  #release(): void {
    const held = this.#held;
    if (held?.isShort) {
      void this.#closeGap();
      return;
    }
    this.#held = undefined;
    for (const batch of held?.batches ?? []) this.#receive(batch);
  }

  #begin({ end, entries }: Excerpt): void {
    this.#epoch = end.epoch;
    this.#window = new RecoveryWindow(this.#options.window, end.seq - entries.length);
    for (const entry of entries) this.#window.append(entry);
    this.#told = end.seq;
    this.#skipped = 0;
    this.#snapshots.discard();
  }

  #tick(now: number): void {
    const entries = this.#window.after(this.#told);
    if (entries === undefined) {
      // More came in one tick than the window holds: all begin anew rather than miss what has gone.
      this.#told = this.#window.last;
      this.#audience.reset();
      return;
    }
    const parts = {
      ...this.#parts(entries, this.#told, false),
      aggregates: this.#aggregates.take(now),
      skipped: this.#skipped,
    };
    this.#skipped = 0;
    this.#told = parts.last;
    if (parts.last > parts.previous || parts.aggregates !== undefined || parts.skipped > 0) this.#audience.tick(parts);
    this.#askForAggregates();
  }

  #parts(entries: readonly NumberedEntry[], previous: number, isRecovery: boolean): TickParts {
    return {
      ...{ handle: this.#options.handle, epoch: this.#epoch, previous, last: previous + entries.length, entries },
      ...{ aggregates: undefined, skipped: 0, isRecovery },
    };
  }

  #viewersChanged(): void {
    this.#askForAggregates();
    for (const observer of this.#observers) observer.viewersChanged?.();
  }

  #askForAggregates(): void {
    const dueAt = this.#aggregates.dueAt();
    if (dueAt !== undefined && !this.#isClosed) this.#pacer.ask(Math.max(1, this.#options.tickMs), dueAt);
  }
}
