/**
 * What moderators of a channel do beside the room's own means: time-outs, warnings, terms, decisions on held messages.
 * None of it is in the state of the room, which everybody can read; all of it is in the moderators' log.
 */
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { parseTerm } from '../../protocol/text-moderation/term-pattern.ts';
import type { Candidate } from '../../services/admission/admission.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { Hold } from '../rules/refusals.ts';
import type { Sanctions } from '../rules/standing.ts';
import { liveArea } from '../store/live-area.ts';
import type { HeldRow, LogPlace, ModLogRow, SanctionKind, SanctionRow, TermRow } from '../store/live-store.ts';
import { requireModerator } from './channel-powers.ts';
import type { DelayedMessages } from './delayed-messages.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';
import { SanctionBook } from './sanction-book.ts';
import { TermLists } from './term-lists.ts';

export interface ChannelModerationParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly timeline: Pick<Timeline, 'change' | 'append'>;
  readonly log: ModLog;
  /** What waits for the delay of its channel. */
  readonly delays: Pick<DelayedMessages, 'senderOf' | 'decide'>;
  /** Has somebody in the room whose message was let in. */
  enter?(userId: string, live: LiveRoom): Promise<void>;
  /** The channel with this id. */
  liveOf?(channelId: string): LiveRoom | undefined;
  /** Told of what waits for moderators, and what became of it. */
  onHeld?(live: LiveRoom, row: HeldRow): void;
  /** Told when what holds against a user has changed. */
  onSanction?(live: LiveRoom, userId: string, row: SanctionRow | undefined): void;
  readonly limits: {
    /** Terms of a channel. */
    readonly terms: number;
    /** Milliseconds for moderators to decide on a held message. */
    readonly heldMs: number;
    /** Messages of a channel that may wait for moderators. */
    readonly held: number;
    /** The same, of one user. */
    readonly heldOfUser: number;
    /** Bytes of a reason. */
    readonly reasonBytes: number;
    /** Entries of a page of the log, and milliseconds for which they are kept. */
    readonly page: number;
    readonly logMs: number;
  };
}

const LONGEST_TIMEOUT_MS = 14 * 86_400_000;

export class ChannelModeration {
  readonly #parts: ChannelModerationParts;
  readonly #sanctions = new SanctionBook();
  readonly #terms = new TermLists();

  constructor(parts: ChannelModerationParts) {
    this.#parts = parts;
  }

  /** Reads what holds now. */
  async start(): Promise<void> {
    const now = this.#parts.clock.now();
    await this.#parts.storage.readArea(liveArea, async (store) => {
      for (const row of await store.sanctions(now)) this.#sanctions.put(row);
      for (const row of await store.terms(now)) this.#terms.put(row);
    });
  }

  /** Lets go of what is over: run now and then. */
  async expire(): Promise<void> {
    const { clock, limits } = this.#parts;
    const now = clock.now();
    this.#sanctions.expire(now);
    this.#terms.expire(now);
    const over = await this.#parts.storage.readArea(liveArea, (store) => store.heldOver(now));
    const set = new WriteSet();
    set.onCommitted(() => {
      for (const row of over) {
        const live = this.#parts.liveOf?.(row.channel_id);
        if (live) this.#parts.onHeld?.(live, { ...row, state: 'expired' });
      }
    });
    set.add('live.sanctions.expire', { now }).add('live.terms.expire', { now }).add('live.held.expire', { now });
    set.add('live.modLog.trim', { before: now - limits.logMs });
    await this.#parts.storage.commit(set);
  }

  sanctionsOf({ channelId }: LiveRoom, room: Room, userId: string): Sanctions {
    const isBanned = membershipIn(room.get('m.room.member', userId)?.content) === 'ban';
    return this.#sanctions.of(channelId, userId, this.#parts.clock.now(), isBanned);
  }

  warningOf({ channelId }: LiveRoom, userId: string): string | undefined {
    return this.#sanctions.warningOf(channelId, userId);
  }

  matcherOf({ channelId }: LiveRoom) {
    return this.#terms.matcherOf(channelId);
  }

  /**
   * Keeps a user from chatting for a time; a new time-out replaces the one before.
   * @throws M_FORBIDDEN, M_INVALID_PARAM
   */
  async timeOut(by: string, live: LiveRoom, userId: string, ms: number, reason: string): Promise<void> {
    if (!Number.isInteger(ms) || ms < 1000 || ms > LONGEST_TIMEOUT_MS) {
      throw invalidParam('A time-out takes from one second to fourteen days');
    }
    await this.#sanction(by, live, userId, 'timeout', this.#parts.clock.now() + ms, reason);
  }

  /** Has a user read and accept a warning before chatting on. @throws M_FORBIDDEN, M_INVALID_PARAM */
  async warn(by: string, live: LiveRoom, userId: string, reason: string): Promise<void> {
    await this.#sanction(by, live, userId, 'warning', null, reason);
  }

  /** @throws M_FORBIDDEN */
  async endTimeOut(by: string, live: LiveRoom, userId: string): Promise<void> {
    await this.#requireModerator(by, live);
    await this.#lift(by, live, userId, 'timeout', 'timeout.end');
  }

  /** The user accepts the warning, if there is one. */
  async acknowledge(userId: string, live: LiveRoom): Promise<void> {
    if (this.warningOf(live, userId) === undefined) return;
    await this.#lift(userId, live, userId, 'warning', 'warning.acknowledge');
  }

  /** @throws M_FORBIDDEN, also where the list is full; M_INVALID_PARAM */
  async putTerm(by: string, live: LiveRoom, term: Pick<TermRow, 'pattern' | 'action' | 'expires'>): Promise<void> {
    await this.#requireModerator(by, live);
    const { channelId } = live;
    const { log } = this.#parts;
    const now = this.#parts.clock.now();
    const problem = parseTerm(term.pattern);
    if (typeof problem === 'string') throw invalidParam(`The pattern cannot be used: ${problem}`);
    const present = this.#terms.of(channelId, now);
    const isNew = present.every(({ pattern }) => pattern !== term.pattern);
    if (isNew && present.length >= this.#parts.limits.terms) throw forbidden('The list of terms is full');
    const row = { ...term, channel_id: channelId, by_user: by, created_at: now };
    const set = log.entry(by, live, 'term.add', undefined, { pattern: term.pattern, action: term.action });
    set.add('live.terms.put', row).onCommitted(() => this.#terms.put(row));
    await this.#parts.storage.commit(set);
  }

  /** @throws M_FORBIDDEN */
  async removeTerm(by: string, live: LiveRoom, pattern: string): Promise<void> {
    await this.#requireModerator(by, live);
    const { channelId } = live;
    const { log } = this.#parts;
    const set = log.entry(by, live, 'term.remove', undefined, { pattern });
    set.add('live.terms.remove', { channel_id: channelId, pattern });
    set.onCommitted(() => this.#terms.remove(channelId, pattern));
    await this.#parts.storage.commit(set);
  }

  /** @throws M_FORBIDDEN */
  async terms(by: string, live: LiveRoom): Promise<readonly TermRow[]> {
    await this.#requireModerator(by, live);
    return this.#terms.of(live.channelId, this.#parts.clock.now());
  }

  /** Keeps a message for the moderators. It is let go if too many wait. */
  async hold(live: LiveRoom, { type, sender, content }: Candidate, { reason }: Hold): Promise<string | undefined> {
    const { clock, random, storage, limits } = this.#parts;
    const { channelId, roomId } = live;
    const now = clock.now();
    const waiting = await storage.readArea(liveArea, (store) => store.held(channelId, now));
    const own = waiting.filter((row) => row.sender === sender);
    if (waiting.length >= limits.held || own.length >= limits.heldOfUser) return undefined;
    const held_id = random.token(16);
    const row: HeldRow = {
      ...{ held_id, channel_id: channelId, room_id: roomId, sender, type, content: JSON.stringify(content), reason },
      ...{ state: 'pending', created_at: now, expires_at: now + limits.heldMs },
    };
    const set = new WriteSet().add('live.held.insert', row);
    await storage.commit(set.onCommitted(() => this.#parts.onHeld?.(live, row)));
    return held_id;
  }

  /** @throws M_FORBIDDEN */
  async held(by: string, live: LiveRoom): Promise<readonly HeldRow[]> {
    await this.#requireModerator(by, live);
    const now = this.#parts.clock.now();
    return this.#parts.storage.readArea(liveArea, (store) => store.held(live.channelId, now));
  }

  /**
   * Lets a held message in, or refuses it for good. Answers the event that it became.
   * @throws M_FORBIDDEN, M_NOT_FOUND where somebody has decided already or it is too late
   */
  async decideHeld(
    by: string,
    live: LiveRoom,
    heldId: string,
    state: 'allowed' | 'denied',
  ): Promise<string | undefined> {
    await this.#requireModerator(by, live);
    const { storage, clock, log, onHeld, delays } = this.#parts;
    const delayed = delays.senderOf(live, heldId);
    if (delayed !== undefined) {
      delays.decide(live, heldId, state);
      await log.note(by, live, `delayed.${state}`, delayed);
      return undefined;
    }
    const row = await storage.readArea(liveArea, (store) => store.heldMessage(heldId));
    if (row?.channel_id !== live.channelId) throw notFound('No such message waits');
    if (row.state !== 'pending' || row.expires_at <= clock.now()) throw notFound('The message does not wait any more');
    const decision = () => {
      const set = log.entry(by, live, `held.${state}`, row.sender, { held_id: heldId });
      set.add('live.held.decide', { held_id: heldId, state, now: clock.now() });
      return set.onCommitted(() => onHeld?.(live, { ...row, state }));
    };
    try {
      if (state === 'allowed') return await this.#letIn(live, row, decision);
      await storage.commit(decision());
      return undefined;
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('The message does not wait any more');
      throw error;
    }
  }

  /** Makes a held message an event, in one piece with the decision. */
  async #letIn(live: LiveRoom, row: HeldRow, decision: () => WriteSet): Promise<string | undefined> {
    const { timeline, enter } = this.#parts;
    const draft = { type: row.type, sender: row.sender, content: JSON.parse(row.content) as JsonObject };
    await enter?.(row.sender, live);
    const [event] = await timeline.change(live.roomId, (turn, room) =>
      timeline.append(turn, room, [draft], { isAdmitted: true, set: decision() }),
    );
    return event?.eventId;
  }

  /** Newest first. @throws M_FORBIDDEN */
  async log(by: string, live: LiveRoom, before: LogPlace | undefined): Promise<readonly ModLogRow[]> {
    await this.#requireModerator(by, live);
    const { log, limits } = this.#parts;
    return log.page(live, before, limits.page);
  }

  async #sanction(
    by: string,
    live: LiveRoom,
    userId: string,
    kind: SanctionKind,
    until: number | null,
    reason: string,
  ): Promise<void> {
    const { storage, clock, limits, log, onSanction } = this.#parts;
    const { levels } = await this.#requireModerator(by, live);
    if (levels.userLevel(userId) >= levels.userLevel(by) && by !== userId) {
      throw forbidden('The user stands as high as you do');
    }
    if (Buffer.byteLength(reason) > limits.reasonBytes) throw invalidParam('The reason is too long');
    const now = clock.now();
    const row: SanctionRow = {
      ...{ channel_id: live.channelId, user_id: userId, kind, until_ts: until },
      ...{ by_user: by, reason, created_at: now },
    };
    const set = log.entry(by, live, kind, userId, { until_ts: until, reason });
    set.add('live.sanctions.put', row).onCommitted(() => {
      this.#sanctions.put(row);
      onSanction?.(live, userId, row);
    });
    await storage.commit(set);
  }

  async #lift(by: string, live: LiveRoom, userId: string, kind: SanctionKind, action: string): Promise<void> {
    const { channelId } = live;
    const { log, onSanction } = this.#parts;
    const set = log.entry(by, live, action, userId, {});
    set.add('live.sanctions.remove', { channel_id: channelId, user_id: userId, kind });
    set.onCommitted(() => {
      this.#sanctions.remove(channelId, userId, kind);
      onSanction?.(live, userId, undefined);
    });
    await this.#parts.storage.commit(set);
  }

  #requireModerator(userId: string, live: LiveRoom) {
    return requireModerator(this.#parts.rooms, userId, live);
  }
}
