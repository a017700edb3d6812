/** What is no chat but done in a live room: who comes and goes, names, redactions, the state that moderators set. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { Candidate } from '../../services/admission/admission.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { Clock } from '../../util/clock.ts';
import { TokenBuckets } from '../../util/token-buckets.ts';
import type { Attempt } from '../rules/admission/attempt.ts';
import { checkSanctions } from '../rules/admission/check-standing.ts';
import { rateOf, refilled, waitFor } from '../rules/admission/pace.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { isShieldUp, parseShield, SHIELD_EVENT } from '../rules/shield.ts';
import { isModerator } from '../rules/standing.ts';

export interface ConductParts {
  readonly clock: Clock;
  readonly events: Pick<EventCache, 'byId'>;
  readonly limits: {
    /** Users of other servers that come into a room a second; while the shield is up a tenth of it. */
    readonly joinsPerSecond: number;
    /** Rooms of which that is counted at a time. */
    readonly rooms: number;
  };
}

/** What a join costs while the shield is up, in ordinary ones. */
const SHIELDED_JOIN = 10;

export class Conduct {
  readonly #parts: ConductParts;
  readonly #joins: TokenBuckets;

  constructor(parts: ConductParts) {
    this.#parts = parts;
    const { joinsPerSecond: perSecond, rooms } = parts.limits;
    this.#joins = new TokenBuckets({ perSecond, burst: Math.max(SHIELDED_JOIN, perSecond) }, parts.clock, rooms);
  }

  /** Whether the rules of the room allow it is for the room to say; here is what they do not know of. */
  async refusalOf(candidate: Candidate, room: Room, attempt: Attempt): Promise<Refusal | undefined> {
    const { entrance, content, type } = candidate;
    const isLeaving = type === 'm.room.member' && content['membership'] === 'leave';
    const isRedaction = type === 'm.room.redaction';
    const sanction = checkSanctions(attempt.sanctions, attempt.now);
    // Whoever may not chat may still take back what it said, without a word.
    const isTakingBack = isRedaction && sanction?.code !== 'banned' && attempt.message.texts.length === 0;
    if (sanction && !isLeaving && !isTakingBack) return sanction;
    if (isRedaction && (await this.#isOfState(candidate, room))) return refuse('wrong_type');
    if (hasBlockedWords(candidate, attempt)) return refuse('blocked_term');
    return isLeaving || entrance === 'client' ? undefined : this.#checkPace(candidate, room, attempt);
  }

  /** The state of the room stays: without its content the marker or the policy of the room would say something else. */
  async #isOfState({ redacts, content }: Candidate, room: Room): Promise<boolean> {
    const target = redacts ?? stringIn(content, 'redacts');
    const event = target === undefined ? undefined : await this.#parts.events.byId(target, room);
    return event?.stateKey !== undefined && event.type !== 'm.room.member';
  }

  /** Users of other servers, whose requests are not limited here. */
  #checkPace({ sender: userId, content }: Candidate, room: Room, attempt: Attempt): Refusal | undefined {
    const { now, sender, pace, paceLimits } = attempt;
    if (!sender || isModerator(sender)) return undefined;
    const rate = rateOf(paceLimits, sender);
    const wait = waitFor(refilled(pace.bucket, rate, now), rate);
    if (wait > 0) return refuse('rate_limited', wait);
    if (content['membership'] !== 'join' || room.isJoined(userId)) return undefined;
    const isShielded = isShieldUp(parseShield(room.get(SHIELD_EVENT, '')?.content), now);
    const full = this.#joins.take(room.id, isShielded ? SHIELDED_JOIN : 1);
    return full > 0 ? refuse('room_busy', full + 1000) : undefined;
  }
}

/** In names and reasons that anybody may write. */
function hasBlockedWords({ type, stateKey, sender }: Candidate, { message, terms, sender: who }: Attempt): boolean {
  const isLooked = stateKey === sender || (type === 'm.room.redaction' && who !== undefined && !isModerator(who));
  return isLooked && message.texts.some((text) => terms.find(text).length > 0);
}
