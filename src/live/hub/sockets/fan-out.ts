/**
 * Writes the ticks of a channel to its viewers: the same few buffers to all of them, a slice of the viewers in each
 * turn of the event loop. Each viewer's place is known, so that whoever missed a tick is caught up before the next.
 */
import type { Clock } from '../../../util/clock.ts';
import type { Audience, ChannelFeed } from '../channel-feed.ts';
import type { Position } from '../order/room-order.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Profile, type TickParts, tickText } from '../tick.ts';
import { CLOSE } from './close-codes.ts';
import { PreparedFrames } from './prepared-frames.ts';
import type { Viewer } from './viewer.ts';
import type { SocketLimits } from './viewer-socket.ts';

export interface FanOutOptions {
  readonly clock: Clock;
  readonly socket: SocketLimits;
  /** Viewers that are written to in one turn of the event loop. */
  readonly slice: number;
  /** Viewers of a channel from which on frames are compressed for those that can read it. */
  readonly deflateFrom: number;
  /** Calls `fn` in a later turn of the event loop. */
  nextTurn(fn: () => void): void;
}

/** A viewer of a channel and how far it has been told. */
export interface Subscription {
  readonly socket: Viewer;
  readonly profile: Profile;
  epoch: string;
  seq: number;
}

/** Ticks that wait for the one that is being written. Whoever misses one that is dropped is caught up. */
const MAX_WAITING = 2;

type Job = TickParts | 'reset';

export class FanOut implements Audience {
  readonly #options: FanOutOptions;
  readonly #subscriptions = new Set<Subscription>();
  #feed: ChannelFeed | undefined;
  #jobs: Job[] = [];
  #isWriting = false;
  /** Frames of recovery by place and profile; good until more is told, or something deleted. */
  readonly #recovery = new Map<string, readonly PreparedFrames[] | undefined>();
  #recoveryUpTo = '';
  #snapshot: PreparedFrames | undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** Gives the feed whose audience this is. */
  attach(feed: ChannelFeed): void {
    this.#feed = feed;
  }

  get viewers(): number {
    return this.#subscriptions.size;
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
    const subscription = { socket, profile, epoch: position.epoch, seq: position.seq };
    socket.together(() => {
      announce(position, isRecovered);
      const deflated = this.#deflates(socket);
      if (snapshot !== undefined) socket.put(this.#snapshotFrames(snapshot), deflated);
      const since = missed[0]?.previous;
      const frames = since === undefined ? [] : (this.#framesSince(since, profile) ?? []);
      for (const shared of frames) socket.put(shared, deflated);
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  leave(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  tick(parts: TickParts): void {
    this.#do(parts);
  }

  reset(): void {
    this.#do('reset');
  }

  get #opened(): ChannelFeed {
    if (!this.#feed) throw new Error('the fan-out has no feed');
    return this.#feed;
  }

  #do(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length > MAX_WAITING) this.#jobs.shift();
    if (!this.#isWriting) this.#next();
  }

  #next(): void {
    const job = this.#jobs.shift();
    this.#isWriting = job !== undefined;
    if (job === undefined) return;
    const texts = new Map<string, PreparedFrames | undefined>();
    const textOf = (profile: Profile): PreparedFrames | undefined => {
      if (job === 'reset') return undefined;
      if (!texts.has(profile)) {
        texts.set(profile, tickFrames(job, profile));
      }
      return texts.get(profile);
    };
    this.#writeSlice(this.#subscriptions.values(), job, textOf);
  }

  #writeSlice(
    viewers: Iterator<Subscription>,
    job: Job,
    textOf: (profile: Profile) => PreparedFrames | undefined,
  ): void {
    for (let count = 0; count < this.#options.slice; count++) {
      const { value, done } = viewers.next();
      if (done) {
        this.#next();
        return;
      }
      if (job === 'reset') this.#catchUp(value);
      else this.#tell(value, job, textOf);
    }
    this.#options.nextTurn(() => this.#writeSlice(viewers, job, textOf));
  }

  /** Writes the tick to one viewer, if it stands where the tick begins. */
  #tell(viewer: Subscription, parts: TickParts, textOf: (profile: Profile) => PreparedFrames | undefined): void {
    const { socket } = viewer;
    const waiting = socket.waitingBytes;
    // Most have read everything: nothing more has to be known of them.
    const isAtEase = waiting === 0 && socket.isOpen && socket.laggingSince === undefined;
    if (!isAtEase && !this.#hasRoom(viewer)) return;
    if (viewer.epoch !== parts.epoch || viewer.seq < parts.previous) {
      this.#catchUp(viewer);
      return;
    }
    if (viewer.seq > parts.previous) {
      // It was told more than this tick begins with, when it joined: perhaps all of it, perhaps a part.
      if (viewer.seq < parts.last) this.#catchUp(viewer);
      return;
    }
    const isBehind = waiting > this.#options.socket.lossyBytes;
    const shared = textOf(isBehind && viewer.profile === 'full' ? 'lite' : viewer.profile);
    if (shared) socket.put(shared, this.#deflates(socket));
    viewer.seq = parts.last;
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
      if (this.#subscriptions.has(viewer)) this.#catchUp(viewer);
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
    return socket.isDeflating && this.#subscriptions.size >= this.#options.deflateFrom;
  }
}

function tickFrames(parts: TickParts, profile: Profile): PreparedFrames | undefined {
  const text = tickText(parts, profile);
  return text === undefined ? undefined : new PreparedFrames(text, { epoch: parts.epoch, seq: parts.last });
}
