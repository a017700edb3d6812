/** Keeps the frames that viewers of a channel get, by the place where those stand: made when the first of them needs one. */
import type { ChannelFeed } from '../channel-feed.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Profile, type TickParts, tickText } from '../tick.ts';
import { FramedText } from './framed-text.ts';
import type { TickExtras } from './tick-news.ts';

/** What those are told who stand at a place; undefined: not by a tick, as some of it has gone or it is too much. */
export type TickFrames = FramedText | 'nothing' | undefined;

/** Ticks that are kept; where nothing is said, counts alone make others of them. Of more, all are made anew. */
const MAX_TICKS = 1000;

export class FrameCache {
  readonly #feed: ChannelFeed;
  /** Until where all are told, for which the others are good, and until something is deleted. */
  #upTo = '';
  /** Ticks by where they begin, what they tell beside entries, and profile. */
  readonly #ticks = new Map<string, TickFrames>();
  /** Frames of recovery by where they begin, and profile. */
  readonly #recovery = new Map<string, readonly FramedText[] | undefined>();
  #snapshot: FramedText | undefined;

  constructor(feed: ChannelFeed) {
    this.#feed = feed;
  }

  tickSince(seq: number, profile: Profile, extras: TickExtras): TickFrames {
    this.#refresh();
    const key = `${seq} ${profile} ${extras.skipped} ${extras.aggregates}`;
    if (!this.#ticks.has(key)) {
      if (this.#ticks.size >= MAX_TICKS) this.#ticks.clear();
      const parts = this.#feed.since(seq);
      this.#ticks.set(key, parts && (tickFrames({ ...parts, ...extras }, profile) ?? 'nothing'));
    }
    return this.#ticks.get(key);
  }

  /** What was told since a place, for who missed it; undefined if some of it has gone. */
  recoverySince(seq: number, profile: Profile): readonly FramedText[] | undefined {
    this.#refresh();
    const key = `${seq} ${profile}`;
    if (!this.#recovery.has(key)) {
      const missed = this.#feed.missedSince(seq);
      this.#recovery.set(
        key,
        missed?.flatMap((parts) => tickFrames(parts, profile) ?? []),
      );
    }
    return this.#recovery.get(key);
  }

  snapshot({ text, place }: Snapshot): FramedText {
    if (this.#snapshot?.text !== text) this.#snapshot = new FramedText(text, place);
    return this.#snapshot;
  }

  #refresh(): void {
    const { position, burials } = this.#feed;
    const upTo = `${position.epoch} ${position.seq} ${burials}`;
    if (this.#upTo === upTo) return;
    this.#ticks.clear();
    this.#recovery.clear();
    this.#upTo = upTo;
  }
}

function tickFrames(parts: TickParts, profile: Profile): FramedText | undefined {
  const text = tickText(parts, profile);
  return text === undefined ? undefined : new FramedText(text, { epoch: parts.epoch, seq: parts.last });
}
