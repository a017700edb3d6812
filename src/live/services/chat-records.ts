/** What admission remembers of a room: paces, texts of late, tries. In memory, and bounded. */
import { Lru } from '../../util/lru.ts';
import type { RecentTexts } from '../rules/admission/attempt.ts';
import { DUPLICATE_MS } from '../rules/admission/check-repetition.ts';
import type { Bucket, PaceRecord } from '../rules/admission/pace.ts';
import { NO_PACE } from '../rules/admission/pace.ts';

export interface ChatRecordLimits {
  /** Users of a room whose pace is known. */
  readonly users: number;
  /** Different texts of a room that are known. */
  readonly texts: number;
}

/** Milliseconds in which the same text of many users is a flood. */
const FLOOD_MS = 10_000;
/** Users of one text that are counted: more make no difference. */
const MAX_SPEAKERS = 50;

interface SaidText {
  at: number;
  /** When each of the last users said it. */
  readonly by: Map<string, number>;
}

export class ChatRecords {
  readonly #paces: Lru<string, PaceRecord>;
  readonly #texts: Lru<string, SaidText>;
  roomBucket: Bucket;

  constructor(limits: ChatRecordLimits, roomBucket: Bucket) {
    this.#paces = new Lru({ max: limits.users });
    this.#texts = new Lru({ max: limits.texts });
    this.roomBucket = roomBucket;
  }

  paceOf(userId: string): PaceRecord {
    return this.#paces.get(userId) ?? NO_PACE;
  }

  setPace(userId: string, pace: PaceRecord): void {
    this.#paces.set(userId, pace);
  }

  /** What `userId` and others have said, as of `now`. */
  recentFor(userId: string, now: number): RecentTexts {
    return {
      ownLast: (skeleton) => {
        const at = this.#texts.get(skeleton)?.by.get(userId);
        return at !== undefined && now - at < DUPLICATE_MS ? at : undefined;
      },
      anyLast: (skeleton) => this.#texts.get(skeleton)?.at,
      otherUsers: (skeleton) => {
        const by = this.#texts.get(skeleton)?.by ?? new Map<string, number>();
        return [...by].filter(([user, at]) => user !== userId && now - at < FLOOD_MS).length;
      },
    };
  }

  /** Notes a text that somebody has tried to say: a flood that is held back is one all the same. */
  noteTry(userId: string, skeleton: string, now: number): void {
    if (skeleton === '') return;
    const said = this.#texts.get(skeleton) ?? { at: Number.NEGATIVE_INFINITY, by: new Map<string, number>() };
    said.by.delete(userId);
    said.by.set(userId, now);
    const [oldest] = said.by.keys();
    if (said.by.size > MAX_SPEAKERS && oldest !== undefined) said.by.delete(oldest);
    this.#texts.set(skeleton, said);
  }

  /** Notes a message that got in. */
  noteAccepted(userId: string, skeleton: string, now: number): void {
    this.noteTry(userId, skeleton, now);
    const said = this.#texts.get(skeleton);
    if (said) said.at = now;
  }
}
