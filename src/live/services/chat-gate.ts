/**
 * The gate of live rooms: one pipeline for what clients send, what other servers ask to have signed, and what they send.
 * It decides by memory alone; the rules are in `live/rules`.
 */

import type { TermMatcher } from '../../protocol/text-moderation/term-matcher.ts';
import { ALLOWED, type Candidate, type Gate, type Verdict } from '../../services/admission/admission.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import { decide, delayOf } from '../rules/admission/admit.ts';
import type { Attempt, AutomodView, Term, TextLimits } from '../rules/admission/attempt.ts';
import { checkForm } from '../rules/admission/check-form.ts';
import { checkModes } from '../rules/admission/check-modes.ts';
import { checkPace } from '../rules/admission/check-pace.ts';
import { afterAdmission } from '../rules/admission/check-room-rate.ts';
import { checkSanctions, checkStanding } from '../rules/admission/check-standing.ts';
import { classOf } from '../rules/admission/event-types.ts';
import { afterAccepted, afterAttempt, type PaceLimits, rateOf } from '../rules/admission/pace.ts';
import { badgesOf } from '../rules/badges.ts';
import { isChatOpen, LIVE_EVENT, parseChannelState } from '../rules/channel-state.ts';
import { stampContent } from '../rules/chat-block.ts';
import { isSaid, readChatMessage } from '../rules/chat-message.ts';
import { type Hold, type Refusal, refuse } from '../rules/refusals.ts';
import { hasReservedKeys } from '../rules/reserved-keys.ts';
import { type ChatSettings, parseSettings, SETTINGS_EVENT } from '../rules/settings.ts';
import { effectiveSettings, parseShield, SHIELD_EVENT } from '../rules/shield.ts';
import type { Sanctions, Standing } from '../rules/standing.ts';
import type { ChannelEmotes } from './channel-emotes.ts';
import { type ChatRecordLimits, ChatRecords } from './chat-records.ts';
import type { Chatters } from './chatters.ts';
import { Conduct } from './conduct.ts';
import type { DelayedMessages } from './delayed-messages.ts';
import { costs, GivenAnswers } from './given-answers.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { isForMembers, mayWatchChannel } from './may-watch.ts';
import { errorOf } from './refusal-errors.ts';

export interface ChatGateParts {
  readonly clock: Clock;
  readonly liveRooms: LiveRooms;
  readonly rooms: { get(roomId: string): Promise<Room | undefined> };
  readonly events: Pick<EventCache, 'byId'>;
  readonly emotes: Pick<ChannelEmotes, 'of'>;
  readonly chatters: Pick<Chatters, 'isKnown' | 'has' | 'note'>;
  readonly standingOf: (room: Room, live: LiveRoom, userId: string) => Promise<Standing>;
  readonly sanctionsOf: (live: LiveRoom, room: Room, userId: string) => Sanctions;
  readonly termsOf: (live: LiveRoom) => TermMatcher<Term>;
  readonly automodOf: (live: LiveRoom) => AutomodView | undefined;
  /** What waits for the delay of its channel. */
  readonly delays: Pick<DelayedMessages, 'begin'>;
  /** Keeps a message for the moderators; undefined where too many wait. */
  readonly hold: (live: LiveRoom, candidate: Candidate, hold: Hold) => Promise<unknown>;
  /** Told of a message of another server that was sent though it is refused. */
  readonly onRefused?: (live: LiveRoom, eventId: string) => void;
  /** Who makes live rooms, and may do there what the server wants done. */
  readonly serviceUser: string;
  /** The name of a badge by the role that has it. */
  readonly roleBadges: ReadonlyMap<string, string>;
  readonly limits: {
    readonly pace: PaceLimits;
    readonly text: TextLimits;
    readonly records: ChatRecordLimits;
    /** Rooms whose records are kept. */
    readonly rooms: number;
    /** Signatures that are remembered. */
    readonly signatures: number;
    /** Users of other servers that come into a room a second; with the shield up a tenth of it. */
    readonly joinsPerSecond: number;
  };
}

/** Milliseconds for which whoever finds the list of held messages full is asked to wait. */
const FULL_MS = 10_000;

export class ChatGate implements Gate {
  readonly name = 'live';
  readonly #parts: ChatGateParts;
  readonly #records: Lru<string, ChatRecords>;
  readonly #answers: GivenAnswers;
  readonly #conduct: Conduct;

  constructor(parts: ChatGateParts) {
    this.#parts = parts;
    const { rooms: max, signatures, joinsPerSecond } = parts.limits;
    this.#records = new Lru({ max });
    this.#answers = new GivenAnswers(parts.clock, signatures);
    this.#conduct = new Conduct({ clock: parts.clock, events: parts.events, limits: { joinsPerSecond, rooms: max } });
  }

  async judge(candidate: Candidate): Promise<Verdict> {
    const live = this.#parts.liveRooms.byRoom(candidate.roomId);
    if (!live || candidate.sender === this.#parts.serviceUser) return ALLOWED;
    const room = await this.#parts.rooms.get(candidate.roomId);
    if (!room) return ALLOWED;
    const known = this.#answers.find(candidate, () => this.refusalOf(live, room, candidate.sender) === undefined);
    if (known) return known;
    const verdict = await this.#judgeAnew(candidate, room, live);
    const { entrance, eventId, stateKey, type } = candidate;
    const isShown = stateKey === undefined && type !== 'm.room.redaction';
    if (entrance === 'federation' && verdict.verdict === 'refuse' && eventId !== undefined && isShown) {
      this.#parts.onRefused?.(live, eventId);
    }
    // What came in without having been asked about is let in by those who ask about it now, too.
    const isKept = entrance === 'sign' || (entrance === 'federation' && verdict.verdict === 'allow');
    return isKept && eventId !== undefined ? this.#answers.keep(eventId, verdict, costs(candidate)) : verdict;
  }

  /** What holds against a user by now, whatever it was when its message came to the door. */
  refusalOf(live: LiveRoom, room: Room, userId: string): Refusal | undefined {
    const sanctions = this.#parts.sanctionsOf(live, room, userId);
    return checkSanctions(sanctions, this.#parts.clock.now());
  }

  /** Why a user could not chat now, whatever it had to say; undefined where it could. Nothing is noted of it. */
  async preview(live: LiveRoom, room: Room, userId: string): Promise<Refusal | undefined> {
    const content = { msgtype: 'm.text', body: '🙂' };
    const candidate = { entrance: 'client' as const, roomId: room.id, type: 'm.room.message', sender: userId, content };
    const attempt = await this.#attemptOf(candidate, room, live, true);
    for (const step of [checkStanding, checkForm, checkPace, checkModes]) {
      const verdict = step(attempt);
      if (verdict?.outcome === 'refuse') return verdict;
    }
    return undefined;
  }

  async #judgeAnew(candidate: Candidate, room: Room, live: LiveRoom): Promise<Verdict> {
    const { entrance, type, stateKey } = candidate;
    switch (classOf(type, stateKey !== undefined)) {
      case 'refused':
        return { verdict: 'refuse', error: errorOf(refuse('wrong_type'), entrance) };
      case 'chat':
        return this.#judgeChat(candidate, room, live);
      default:
        // Who may redact, join or set state is a matter of the room's own rules, sanctions apart.
        return this.#judgeSender(candidate, room, live);
    }
  }

  async #judgeSender(candidate: Candidate, room: Room, live: LiveRoom): Promise<Verdict> {
    const attempt = await this.#attemptOf(candidate, room, live);
    const refusal = await this.#conduct.refusalOf(candidate, room, attempt);
    if (refusal) return { verdict: 'refuse', error: errorOf(refusal, candidate.entrance) };
    if (candidate.entrance !== 'client' && attempt.sender && costs(candidate)) {
      const pace = afterAttempt(attempt.pace, rateOf(attempt.paceLimits, attempt.sender), attempt.now);
      this.#recordsOf(room.id, attempt.settings).setPace(candidate.sender, pace);
    }
    return ALLOWED;
  }

  async #judgeChat(candidate: Candidate, room: Room, live: LiveRoom): Promise<Verdict> {
    const { entrance, sender } = candidate;
    // Whatever was said of badges by another server was not said by us.
    if (entrance !== 'client' && hasReservedKeys(candidate.content)) {
      return { verdict: 'refuse', error: errorOf(refuse('wrong_type'), entrance) };
    }
    const attempt = await this.#attemptOf(candidate, room, live);
    const records = this.#recordsOf(room.id, attempt.settings);
    const { now, message } = attempt;
    const { verdict, counts } = decide(attempt);
    const isCounted = costs(candidate);
    if (counts && isCounted && attempt.sender) {
      const rate = rateOf(attempt.paceLimits, attempt.sender);
      records.setPace(sender, afterAttempt(records.paceOf(sender), rate, now));
      records.noteTry(sender, verdict?.outcome === 'hold' ? message.skeleton : '', now);
    }
    if (verdict?.outcome === 'refuse') return { verdict: 'refuse', error: errorOf(verdict, entrance) };
    if (isCounted && isSaid(message)) records.setPace(sender, afterAccepted(records.paceOf(sender), now));
    if (verdict?.outcome === 'hold') {
      // What a server sends or asks to have signed cannot be kept: the event is theirs.
      if (entrance === 'client') {
        const held = await this.#parts.hold(live, { ...candidate, content: this.#stamped(room, attempt) }, verdict);
        if (held === undefined) return { verdict: 'refuse', error: errorOf(refuse('room_busy', FULL_MS), entrance) };
      }
      return { verdict: 'hold', error: errorOf(refuse('held'), entrance) };
    }
    if (isCounted) {
      records.roomBucket = afterAdmission(records.roomBucket, attempt.settings.admitRate, now);
      if (isSaid(message)) {
        records.noteAccepted(sender, message.skeleton, now);
        this.#parts.chatters.note(live.channelId, sender);
      }
    }
    return this.#letIn(candidate, room, live, attempt);
  }

  /** Lets a message in as the server wants it to be, after the delay of the room. */
  #letIn(candidate: Candidate, room: Room, live: LiveRoom, attempt: Attempt): Verdict {
    const { entrance, sender: userId } = candidate;
    const allowed: Verdict =
      entrance === 'client' ? { verdict: 'allow', content: this.#stamped(room, attempt) } : ALLOWED;
    const ms = delayOf(attempt);
    if (ms === 0 || entrance === 'federation') return allowed;
    const waiting = this.#parts.delays.begin(live, candidate, ms);
    if (!waiting) return { verdict: 'refuse', error: errorOf(refuse('room_busy', ms), entrance) };
    const again = (): Verdict => {
      const isTakenOut = waiting.finish();
      const refusal = this.refusalOf(live, room, userId) ?? (isTakenOut ? refuse('deleted') : undefined);
      return refusal ? { verdict: 'refuse', error: errorOf(refusal, entrance) } : allowed;
    };
    return { verdict: 'delay', ms, again, early: waiting.decided };
  }

  #stamped(room: Room, { message, sender, now }: Attempt) {
    const { session } = parseChannelState(room.get(LIVE_EVENT, '')?.content);
    return stampContent(message.content, message.body, {
      session: session?.id,
      offsetMs: session?.startedAt === undefined ? 0 : now - session.startedAt,
      badges: sender ? badgesOf(sender, this.#parts.roleBadges) : [],
      color: undefined,
      emotes: message.emotes,
      first: sender !== undefined && !sender.hasChatted,
    });
  }

  async #attemptOf(candidate: Candidate, room: Room, live: LiveRoom, isPreview = false): Promise<Attempt> {
    const { clock, emotes, limits, sanctionsOf, standingOf, termsOf, automodOf, chatters } = this.#parts;
    const { sender: userId } = candidate;
    const standing = await standingOf(room, live, userId);
    const now = clock.now();
    const shield = parseShield(room.get(SHIELD_EVENT, '')?.content);
    const settings = effectiveSettings(parseSettings(room.get(SETTINGS_EVENT, '')?.content), shield, now);
    const records = this.#recordsOf(room.id, settings);
    // Whoever comes back, with all the others, must not cost a look into the database.
    const isAsked = isSaid(candidate) && (!isPreview || settings.firstTime !== 'allow');
    const { channelId } = live;
    const hasChatted = isAsked ? await chatters.has(channelId, userId) : chatters.isKnown(channelId, userId);
    const isOutside = isForMembers(room) && !(await mayWatchChannel(this.#parts, live, room, userId));
    return {
      ...{ now, isOutside },
      message: readChatMessage(candidate.type, candidate.content, emotes.of(room)),
      sender: { ...standing, hasChatted },
      sanctions: sanctionsOf(live, room, userId),
      chatOpen: isChatOpen(parseChannelState(room.get(LIVE_EVENT, '')?.content)),
      settings,
      pace: records.paceOf(userId),
      paceLimits: limits.pace,
      roomBucket: records.roomBucket,
      recent: records.recentFor(userId, now),
      terms: termsOf(live),
      automod: automodOf(live),
      textLimits: limits.text,
    };
  }

  #recordsOf(roomId: string, { admitRate }: ChatSettings): ChatRecords {
    const known = this.#records.get(roomId);
    if (known) return known;
    const { clock, limits } = this.#parts;
    const records = new ChatRecords(limits.records, { tokens: admitRate, at: clock.now() });
    this.#records.set(roomId, records);
    return records;
  }
}
