/**
 * Writes the ticks of a channel to its viewers: a slice of them in each turn of the event loop, and the same few buffers to
 * all who stand at the same place. Each viewer's place is known, so that whoever missed something is caught up.
 */
import type { Clock } from '../../../util/clock.ts';
import type { Audience, ChannelFeed } from '../channel-feed.ts';
import type { Position } from '../order/room-order.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Profile, type TickParts, tickText } from '../tick.ts';
import { CLOSE } from './close-codes.ts';
import { PreparedFrames } from './prepared-frames.ts';
import { type Slice, Slices } from './slices.ts';
import { type TickExtras, TickNews } from './tick-news.ts';
import type { Viewer } from './viewer.ts';
import type { SocketLimits } from './viewer-socket.ts';

export interface FanOutOptions {
  readonly clock: Clock;
  readonly socket: SocketLimits;
  /** Viewers that are written to in one turn of the event loop. */
  readonly slice: number;
  /** Viewers of a channel from which on frames are compressed for those that can read it. */
  readonly deflateFrom: number;
  /** Milliseconds between two frames to a viewer, as things are now; 0: none. */
  period(): number;
  /** Calls `fn` in a later turn of the event loop. */
  nextTurn(fn: () => void): void;
}

/** A viewer of a channel and how far it has been told. */
export interface Subscription {
  readonly socket: Viewer;
  readonly profile: Profile;
  readonly slice: Slice<Subscription>;
  epoch: string;
  seq: number;
}

/** What those are told who stand at a place; undefined: not by a tick, as some of it has gone or it is too much. */
type TickFrames = PreparedFrames | 'nothing' | undefined;
type TickOf = (seq: number, profile: Profile) => TickFrames;

export class FanOut implements Audience {
  readonly #options: FanOutOptions;
  readonly #slices: Slices<Subscription>;
  readonly #news = new TickNews();
  #feed: ChannelFeed | undefined;
  #isWriting = false;
  #cancel: (() => void) | undefined;
  /** Ticks by where they begin, what they tell beside entries, and profile; good until more is told. */
  readonly #ticks = new Map<string, TickFrames>();
  #ticksUpTo = '';
  /** Frames of recovery by place and profile; good until more is told, or something deleted. */
  readonly #recovery = new Map<string, readonly PreparedFrames[] | undefined>();
  #recoveryUpTo = '';
  #snapshot: PreparedFrames | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#slices = new Slices(options.clock, options.slice, () => options.period());
  }

  /** Gives the feed whose audience this is. */
  attach(feed: ChannelFeed): void {
    this.#feed = feed;
  }

  get viewers(): number {
    return this.#slices.viewers;
  }

  /**
   * Adds a viewer. `announce` writes where it stands, before what it missed is written. All of it goes out in one piece.
   */
  join(
    socket: Viewer,
    profile: Profile,
    from: Position | undefined,
    announce: (position: Position, isRecovered: boolean) => void,
  ): Subscription {
    const { position, isRecovered, snapshot, missed } = this.#opened.join(from);
    socket.together(() => {
      announce(position, isRecovered);
      const deflated = this.#deflates(socket);
      if (snapshot !== undefined) socket.put(this.#snapshotFrames(snapshot), deflated);
      const since = missed[0]?.previous;
      const frames = since === undefined ? [] : (this.#framesSince(since, profile) ?? []);
      for (const shared of frames) socket.put(shared, deflated);
    });
    const { epoch, seq } = position;
    return this.#slices.add((slice) => ({ socket, profile, slice, epoch, seq }));
  }

  leave(subscription: Subscription): void {
    this.#slices.remove(subscription, subscription.slice);
  }

  tick(parts: TickParts): void {
    this.#news.note(this.#slices.news(parts.entries.some(({ isUrgent }) => isUrgent)), parts);
    if (!this.#isWriting) this.#turn();
  }

  reset(): void {
    this.#slices.news(true);
    if (!this.#isWriting) this.#turn();
  }

  get #opened(): ChannelFeed {
    if (!this.#feed) throw new Error('the fan-out has no feed');
    return this.#feed;
  }

  /** Writes to the next slice if its time has come, and goes on in a later turn. */
  #turn(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const wait = this.#slices.wait();
    this.#isWriting = false;
    if (wait === undefined) return;
    if (wait > 0) {
      this.#cancel = this.#options.clock.after(wait, () => this.#turn());
      return;
    }
    this.#isWriting = true;
    this.#writeSlice();
    this.#isWriting = this.#slices.wait() !== undefined;
    if (this.#isWriting) this.#options.nextTurn(() => this.#turn());
  }

  #writeSlice(): void {
    const taken = this.#slices.take();
    if (!taken) return;
    const extras = this.#news.since(taken.heard);
    this.#news.forget(this.#slices.heardByAll);
    const { position } = this.#opened;
    let last: { readonly seq: number; readonly profile: Profile; readonly shared: TickFrames } | undefined;
    const tickOf = (seq: number, profile: Profile) => {
      if (last?.seq !== seq || last.profile !== profile) {
        last = { seq, profile, shared: this.#tickSince(seq, profile, extras) };
      }
      return last.shared;
    };
    for (const viewer of taken.slice.viewers) this.#tell(viewer, position, tickOf);
  }

  /** Writes to one viewer what it has not been told. */
  #tell(viewer: Subscription, { epoch, seq }: Position, tickOf: TickOf): void {
    const { socket } = viewer;
    // Most have read everything: nothing more has to be known of them.
    if (!socket.isAtEase && !this.#hasRoom(viewer)) return;
    // Whoever came from another process may be ahead of this one.
    if (viewer.epoch === epoch && viewer.seq > seq) return;
    const isBehind = viewer.profile === 'full' && socket.waitingBytes > this.#options.socket.lossyBytes;
    const shared = viewer.epoch === epoch ? tickOf(viewer.seq, isBehind ? 'lite' : viewer.profile) : undefined;
    if (shared === undefined) {
      this.#catchUp(viewer);
      return;
    }
    if (shared !== 'nothing') socket.put(shared, this.#deflates(socket));
    viewer.seq = seq;
  }

  /** Whether the viewer reads fast enough to be written to; closes it where it has not for too long. */
  #hasRoom(viewer: Subscription): boolean {
    const { socket } = viewer;
    const { lagBytes, closeBytes, closeMs } = this.#options.socket;
    if (!socket.isOpen) return false;
    const now = this.#options.clock.now();
    const since = socket.laggingSince;
    if (socket.waitingBytes > closeBytes || (since !== undefined && now - since >= closeMs)) {
      socket.close(CLOSE.slow, { retryMs: 2000 });
      return false;
    }
    if (since !== undefined) return false;
    if (socket.waitingBytes <= lagBytes || !socket.willDrain) return true;
    socket.lag(now, () => {
      if (viewer.slice.viewers.has(viewer)) this.#catchUp(viewer);
    });
    return false;
  }

  /** Brings a viewer to where all are: by what it missed, or by the snapshot where that has gone. */
  #catchUp(viewer: Subscription): void {
    const { socket, profile } = viewer;
    if (!socket.isOpen || socket.laggingSince !== undefined) return;
    const feed = this.#opened;
    const { position } = feed;
    const deflated = this.#deflates(socket);
    const frames = viewer.epoch === position.epoch ? this.#framesSince(viewer.seq, profile) : undefined;
    socket.together(() => {
      if (frames) {
        for (const shared of frames) socket.put(shared, deflated);
      } else {
        const joined = feed.join();
        socket.put(this.#snapshotFrames(joined.snapshot ?? feed.snapshot()), deflated);
        const since = joined.missed[0]?.previous;
        const rest = since === undefined ? [] : (this.#framesSince(since, profile) ?? []);
        for (const shared of rest) socket.put(shared, deflated);
      }
    });
    // Whoever came from another process may be ahead of this one.
    if (viewer.epoch !== position.epoch || viewer.seq < position.seq) viewer.seq = position.seq;
    viewer.epoch = position.epoch;
  }

  #tickSince(seq: number, profile: Profile, extras: TickExtras): TickFrames {
    const { position, burials } = this.#opened;
    const upTo = `${position.epoch} ${position.seq} ${burials}`;
    if (this.#ticksUpTo !== upTo) {
      this.#ticks.clear();
      this.#ticksUpTo = upTo;
    }
    const key = `${seq} ${profile} ${extras.skipped} ${extras.aggregates}`;
    if (!this.#ticks.has(key)) {
      const parts = this.#opened.since(seq);
      this.#ticks.set(key, parts && (tickFrames({ ...parts, ...extras }, profile) ?? 'nothing'));
    }
    return this.#ticks.get(key);
  }

  /** What was told since a place, made once for all viewers that stand there. */
  #framesSince(seq: number, profile: Profile): readonly PreparedFrames[] | undefined {
    const { position, burials } = this.#opened;
    const upTo = `${position.epoch} ${position.seq} ${burials}`;
    if (this.#recoveryUpTo !== upTo) {
      this.#recovery.clear();
      this.#recoveryUpTo = upTo;
    }
    const key = `${seq} ${profile}`;
    if (!this.#recovery.has(key)) {
      const missed = this.#opened.missedSince(seq);
      this.#recovery.set(
        key,
        missed?.flatMap((parts) => tickFrames(parts, profile) ?? []),
      );
    }
    return this.#recovery.get(key);
  }

  #snapshotFrames({ text, place }: Snapshot): PreparedFrames {
    if (this.#snapshot?.text !== text) this.#snapshot = new PreparedFrames(text, place);
    return this.#snapshot;
  }

  #deflates(socket: Viewer): boolean {
    return socket.isDeflating && this.#slices.viewers >= this.#options.deflateFrom;
  }
}

function tickFrames(parts: TickParts, profile: Profile): PreparedFrames | undefined {
  const text = tickText(parts, profile);
  return text === undefined ? undefined : new PreparedFrames(text, { epoch: parts.epoch, seq: parts.last });
}
