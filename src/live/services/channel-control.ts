/**
 * What the streamer and moderators do to the room of a channel: each is an event of theirs, under the levels of the
 * room, so that whoever moderates with Element does the same.
 */
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject, withKey } from '../../protocol/json.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { EventSender } from '../../services/rooms/event-sender.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { findSettingsProblem, mergeSettings, SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import { entryOf } from './channel-entries.ts';
import { requireModerator, requireStreamer } from './channel-powers.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { MessageNames } from './message-names.ts';
import type { ModLog } from './mod-log.ts';
import { NOTICE_BLOCK } from './notice-block.ts';

export interface ChannelControlParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly events: Pick<EventCache, 'byId'>;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly eventSender: Pick<EventSender, 'redact'>;
  readonly membership: Pick<Membership, 'join' | 'set' | 'unban'>;
  readonly names: MessageNames;
  readonly log: ModLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceUser: string;
}

/** What a stream says of itself; what is undefined stays as it is. */
export interface SessionChange {
  readonly status?: 'offline' | 'scheduled' | 'live' | 'ended' | undefined;
  readonly scheduledAt?: number | undefined;
  /** Keys of the marker that are taken over as they are: `title`, `category`, `stream` and so on. */
  readonly more: JsonObject;
}

const GUARD_MS = 5 * 60_000;
const DEFAULT_PIN_MS = 20 * 60_000;
const SHIELD_PRESET: JsonObject = {
  ...{ followers_only: 1440, account_age: 10_080, slow: 30, links: 'block', first_time: 'hold' },
};

export class ChannelControl {
  readonly #parts: ChannelControlParts;

  constructor(parts: ChannelControlParts) {
    this.#parts = parts;
  }

  /** Starts, ends or announces a stream, or changes what is told of it. @throws M_FORBIDDEN */
  async changeSession(by: string, live: LiveRoom, { status, scheduledAt, more }: SessionChange): Promise<JsonObject> {
    const { clock, random, serviceUser, log } = this.#parts;
    const { room } = await requireStreamer(this.#parts.rooms, by, live);
    let content = room.get(LIVE_EVENT, '')?.content ?? {};
    for (const key of Object.keys(more)) content = withKey(content, key, more[key] ?? null);
    const before = stringIn(content, 'status');
    if (status !== undefined) content = withKey(content, 'status', status);
    if (status === 'live' && before !== 'live') {
      content = withKey(content, 'session', { id: `ss_${random.token(10)}`, started_at: clock.now() });
    } else if (status === 'scheduled') {
      content = withKey(content, 'session', { id: `ss_${random.token(10)}`, scheduled_at: scheduledAt ?? null });
    } else if (status !== undefined && status !== 'live' && before === 'live' && isJsonObject(content['session'])) {
      content = withKey(content, 'session', withKey(content['session'], 'ended_at', clock.now()));
    }
    // The service user writes it: the marker is the server's word.
    await this.#set(serviceUser, live, LIVE_EVENT, content);
    if (status !== undefined && status !== before) await log.note(by, live, `session.${status}`);
    return content;
  }

  /** @throws M_FORBIDDEN, M_INVALID_PARAM */
  async changeSettings(by: string, live: LiveRoom, patch: JsonObject): Promise<JsonObject> {
    const { room } = await requireModerator(this.#parts.rooms, by, live);
    const problem = findSettingsProblem(patch);
    if (problem !== undefined) throw invalidParam(`${problem} is out of range or of another type`);
    const content = mergeSettings(room.get(SETTINGS_EVENT, '')?.content ?? {}, patch);
    await this.#set(by, live, SETTINGS_EVENT, content);
    await this.#parts.log.note(by, live, 'settings', undefined, patch);
    return content;
  }

  /** `forMs` undefined: until it is switched off. @throws M_FORBIDDEN, M_INVALID_PARAM */
  async setShield(
    by: string,
    live: LiveRoom,
    active: boolean,
    forMs?: number | undefined,
    preset: JsonObject = SHIELD_PRESET,
  ): Promise<void> {
    await requireModerator(this.#parts.rooms, by, live);
    const problem = findSettingsProblem(preset);
    if (problem !== undefined) throw invalidParam(`${problem} is out of range or of another type`);
    const until = forMs === undefined ? null : this.#parts.clock.now() + forMs;
    await this.#set(by, live, SHIELD_EVENT, active ? { active, until, by, preset } : { active });
    await this.#parts.log.note(by, live, active ? 'shield.on' : 'shield.off');
  }

  /** @throws M_FORBIDDEN, M_NOT_FOUND */
  async pin(by: string, live: LiveRoom, name: string, ms = DEFAULT_PIN_MS): Promise<void> {
    await requireModerator(this.#parts.rooms, by, live);
    const eventId = await this.#parts.names.eventIdOf(live, name);
    const until = this.#parts.clock.now() + ms;
    await this.#set(by, live, 'm.room.pinned_events', { pinned: [eventId] });
    await this.#set(by, live, PIN_EVENT, { event_id: eventId, by, until, style: 'default' });
    await this.#parts.log.note(by, live, 'pin', eventId);
  }

  /** The message that is pinned, as viewers are told of messages; undefined where there is none, or it is gone. */
  async pinned({ streamer }: LiveRoom, room: Room): Promise<JsonObject | undefined> {
    const pin = room.get(PIN_EVENT, '')?.content ?? {};
    const eventId = stringIn(pin, 'event_id');
    const isOver = typeof pin['until'] === 'number' && pin['until'] <= this.#parts.clock.now();
    const event = eventId === undefined || isOver ? undefined : await this.#parts.events.byId(eventId, room);
    if (!event || event.redactedBy !== undefined || event.stateKey !== undefined) return undefined;
    const told = entryOf(event, room, streamer);
    return told && (JSON.parse(told.entry.fields) as JsonObject);
  }

  /** @throws M_FORBIDDEN */
  async unpin(by: string, live: LiveRoom): Promise<void> {
    const { serviceUser, rooms, log } = this.#parts;
    if (by !== serviceUser) await requireModerator(rooms, by, live);
    await this.#set(by, live, 'm.room.pinned_events', { pinned: [] });
    await this.#set(by, live, PIN_EVENT, {});
    if (by !== serviceUser) await log.note(by, live, 'unpin');
  }

  /** Says something to everybody, in the room as a notice. Answers the event. @throws M_FORBIDDEN */
  async announce(by: string, live: LiveRoom, body: string, color: string): Promise<string> {
    await requireModerator(this.#parts.rooms, by, live);
    const id = await this.notice(by, live, 'announcement', body, { color });
    await this.#parts.log.note(by, live, 'announce', id);
    return id;
  }

  /** A notice that viewers are shown as what it is, and Element as text. */
  async notice(by: string, live: LiveRoom, kind: string, body: string, more: JsonObject = {}): Promise<string> {
    await this.enter(by, live);
    const content = { msgtype: 'm.notice', body, [NOTICE_BLOCK]: { kind, ...more } };
    const draft = { type: 'm.room.message', sender: by, content };
    return (await this.#parts.timeline.send(live.roomId, draft, { isAdmitted: true })).eventId;
  }

  /** Takes a message out. @throws M_FORBIDDEN, M_NOT_FOUND */
  async remove(by: string, live: LiveRoom, name: string, reason?: string): Promise<void> {
    const { eventSender, random, log, rooms, names } = this.#parts;
    await requireModerator(rooms, by, live);
    const { eventId, roomId } = await names.find(live, name);
    await this.enter(by, { ...live, roomId });
    const sender = { userId: by, deviceId: 'live', isGuest: false };
    await log.during(by, 'delete', eventId, () =>
      eventSender.redact(sender, roomId, eventId, random.token(16), reason),
    );
    await log.note(by, live, 'delete', eventId);
  }

  /** Bans for good; what the user said goes with it. @throws M_FORBIDDEN */
  async ban(by: string, live: LiveRoom, userId: string, reason?: string): Promise<void> {
    const { membership, rooms, log } = this.#parts;
    const { levels } = await requireModerator(rooms, by, live);
    if (levels.userLevel(userId) >= levels.userLevel(by)) throw forbidden('The user stands as high as you do');
    await this.enter(by, live);
    // MSC4293: clients and servers that know it hide what a banned user said.
    const content = { membership: 'ban', redact_events: true, ...(reason === undefined ? {} : { reason }) };
    await log.during(by, 'ban', userId, () =>
      membership.set({ userId: by, isGuest: false }, live.roomId, userId, content),
    );
    await log.note(by, live, 'ban', userId, reason === undefined ? {} : { reason });
  }

  /** @throws M_FORBIDDEN, M_BAD_STATE */
  async unban(by: string, live: LiveRoom, userId: string): Promise<void> {
    const { membership, rooms, log } = this.#parts;
    await requireModerator(rooms, by, live);
    await this.enter(by, live);
    await log.during(by, 'unban', userId, () => membership.unban(by, live.roomId, userId));
    await log.note(by, live, 'unban', userId);
  }

  /** Puts the shield up for some minutes, in the name of the server. */
  async guard(live: LiveRoom): Promise<void> {
    const { serviceUser, clock } = this.#parts;
    const until = clock.now() + GUARD_MS;
    await this.#set(serviceUser, live, SHIELD_EVENT, { active: true, until, by: serviceUser, preset: SHIELD_PRESET });
  }

  /** Takes down what has run out. */
  async lower(live: LiveRoom, what: 'shield' | 'pin'): Promise<void> {
    const { serviceUser } = this.#parts;
    if (what === 'pin') return this.unpin(serviceUser, live);
    await this.#set(serviceUser, live, SHIELD_EVENT, { active: false });
  }

  async #set(by: string, live: LiveRoom, type: string, content: JsonObject): Promise<void> {
    await this.enter(by, live);
    await this.#parts.timeline.send(live.roomId, { type, sender: by, stateKey: '', content }, { isAdmitted: true });
  }

  /** Whoever acts in the room is in it: the streamer and moderators become members with what they do first. */
  async enter(userId: string, { roomId }: LiveRoom): Promise<void> {
    const room = await this.#parts.rooms.get(roomId);
    if (!room) throw notFound('This server does not know the room of the channel');
    if (!room.isJoined(userId)) await this.#parts.membership.join({ userId, isGuest: false }, roomId, {});
  }
}
