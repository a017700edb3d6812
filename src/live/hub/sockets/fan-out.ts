/**
 * Writes the ticks of a channel to its viewers: a slice of them in each turn of the event loop, and the same few buffers to
 * all who stand at the same place. Each viewer's place is known, so that whoever missed something is caught up.
 */
import type { Clock } from '../../../util/clock.ts';
import type { Audience, ChannelFeed } from '../channel-feed.ts';
import type { Position } from '../order/room-order.ts';
import type { Profile, TickParts } from '../tick.ts';
import { CLOSE } from './close-codes.ts';
import { FrameCache, type TickFrames } from './frame-cache.ts';
import { FramedText } from './framed-text.ts';
import { type Slice, Slices } from './slices.ts';
import { TickNews } from './tick-news.ts';
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
  /** Turns of the event loop from one slice to the next while others have work for it, as things are now. */
  turns(): number;
  /** Told of each viewer that comes. */
  onJoin(): void;
  /** Told of each viewer that leaves. */
  onLeave(): void;
  /** Calls `fn` in a later turn of the event loop. `isIdle`: nobody had work for it meanwhile. */
  nextTurn(fn: (isIdle: boolean) => void): void;
}

/** A viewer of a channel and how far it has been told. */
export interface Subscription {
  readonly socket: Viewer;
  readonly profile: Profile;
  readonly slice: Slice<Subscription>;
  epoch: string;
  seq: number;
}

export class FanOut implements Audience {
  readonly #options: FanOutOptions;
  readonly #slices: Slices<Subscription>;
  readonly #news = new TickNews();
  #feed: ChannelFeed | undefined;
  #cache: FrameCache | undefined;
  #isWriting = false;
  #cancel: (() => void) | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#slices = new Slices(options.clock, options.slice, () => options.period());
  }

  /** Gives the feed whose audience this is. */
  attach(feed: ChannelFeed): void {
    this.#feed = feed;
    this.#cache = new FrameCache(feed);
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
      if (snapshot !== undefined) socket.put(this.#frames.snapshot(snapshot), deflated);
      const since = missed[0]?.previous;
      const frames = since === undefined ? [] : (this.#frames.recoverySince(since, profile) ?? []);
      for (const framed of frames) socket.put(framed, deflated);
    });
    this.#options.onJoin();
    const { epoch, seq } = position;
    return this.#slices.add((slice) => ({ socket, profile, slice, epoch, seq }));
  }

  leave(subscription: Subscription): void {
    if (this.#slices.remove(subscription, subscription.slice)) this.#options.onLeave();
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

  get #frames(): FrameCache {
    if (!this.#cache) throw new Error('the fan-out has no feed');
    return this.#cache;
  }

  /** Writes to the next slice if its time has come, and goes on in a later turn. */
  #turn(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const wait = this.#slices.wait();
    this.#isWriting = false;
    if (wait === undefined) return;
    if (wait > 0) {
      this.#cancel = this.#options.clock.after(wait, () => this.#giveWay(this.#options.turns() - 1));
      return;
    }
    this.#isWriting = true;
    this.#writeSlice();
    this.#isWriting = this.#slices.wait() !== undefined;
    if (this.#isWriting) this.#giveWay(this.#options.turns());
  }

  /** Goes on as soon as nobody else has work for the event loop, and after so many turns in any case. */
  #giveWay(turns: number): void {
    this.#isWriting = turns > 0;
    if (turns > 0) this.#options.nextTurn((isIdle) => this.#giveWay(isIdle ? 0 : turns - 1));
    else this.#turn();
  }

  #writeSlice(): void {
    const taken = this.#slices.take();
    if (!taken) return;
    const extras = this.#news.since(taken.heard);
    this.#news.forget(this.#slices.heardByAll);
    const { position } = this.#opened;
    const mayDeflate = this.#slices.viewers >= this.#options.deflateFrom;
    // Nearly all of a slice stand at the same place and have read everything: nothing more has to be known of them.
    let [from, like]: [number, Profile] = [Number.NaN, 'full'];
    let framed: TickFrames;
    for (const viewer of taken.slice.viewers) {
      const { socket } = viewer;
      if (viewer.seq !== from || viewer.profile !== like || viewer.epoch !== position.epoch || !socket.isAtEase) {
        if (!this.#isToTell(viewer, position)) continue;
        like = this.#profileFor(viewer);
        from = viewer.seq;
        framed = this.#frames.tickSince(from, like, extras);
        if (framed === undefined) {
          this.#catchUp(viewer);
          from = Number.NaN;
          continue;
        }
      }
      if (framed instanceof FramedText) socket.put(framed, mayDeflate && socket.isDeflating);
      viewer.seq = position.seq;
    }
  }

  /** Whether a tick can be written to the viewer; catches it up where it stands in another epoch. */
  #isToTell(viewer: Subscription, { epoch, seq }: Position): boolean {
    if (!viewer.socket.isAtEase && !this.#hasRoom(viewer)) return false;
    if (viewer.epoch !== epoch) {
      this.#catchUp(viewer);
      return false;
    }
    // Whoever came from another process may be ahead of this one.
    return viewer.seq <= seq;
  }

  /** Whoever is behind gets no counts. */
  #profileFor({ socket, profile }: Subscription): Profile {
    return profile === 'full' && socket.waitingBytes > this.#options.socket.lossyBytes ? 'lite' : profile;
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
    const frames = viewer.epoch === position.epoch ? this.#frames.recoverySince(viewer.seq, profile) : undefined;
    socket.together(() => {
      if (frames) {
        for (const framed of frames) socket.put(framed, deflated);
      } else {
        const joined = feed.join();
        socket.put(this.#frames.snapshot(joined.snapshot ?? feed.snapshot()), deflated);
        const since = joined.missed[0]?.previous;
        const rest = since === undefined ? [] : (this.#frames.recoverySince(since, profile) ?? []);
        for (const framed of rest) socket.put(framed, deflated);
      }
    });
    // Whoever came from another process may be ahead of this one.
    if (viewer.epoch !== position.epoch || viewer.seq < position.seq) viewer.seq = position.seq;
    viewer.epoch = position.epoch;
  }

  #deflates(socket: Viewer): boolean {
    return socket.isDeflating && this.#slices.viewers >= this.#options.deflateFrom;
  }
}
