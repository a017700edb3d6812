/**
 * What the streamer and moderators do to the room of a channel: each is an event of theirs, under the levels of the
 * room, so that whoever moderates with Element does the same.
 */

import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject, withKey } from '../../protocol/json.ts';
import type { HistoryVisibility } from '../../services/history/history-visibility.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { EventSender } from '../../services/rooms/event-sender.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { LIVE_EVENT, type ViewersMode } from '../rules/channel-state.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { findSettingsProblem, mergeSettings, SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import { MODERATOR_POWER } from '../rules/standing.ts';
import type { RunOut } from '../store/channel-store.ts';
import { doorsFor, JOIN_RULES_EVENT } from './channel-doors.ts';
import { entryOf } from './channel-entries.ts';
import { requireModerator, requireStreamer } from './channel-powers.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { MessageNames } from './message-names.ts';
import type { ModLog } from './mod-log.ts';
import { NOTICE_BLOCK } from './notice-block.ts';
import { addRunOut } from './run-out-rows.ts';

export interface ChannelControlParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly events: Pick<EventCache, 'byId'>;
  readonly timeline: Pick<Timeline, 'send' | 'change' | 'append'>;
  readonly visibility: Pick<HistoryVisibility, 'filter'>;
  readonly eventSender: Pick<EventSender, 'redact'>;
  readonly membership: Pick<Membership, 'join' | 'invite' | 'set' | 'unban'>;
  readonly names: MessageNames;
  readonly log: ModLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceUser: string;
  /** Told when a session ends unless it is heard of again: null for one that does not run, undefined as before. */
  onHeartbeat?(live: LiveRoom, endsAt: number | null | undefined): void;
}

type State = readonly (readonly [type: string, content: JsonObject])[];

/** What a stream says of itself; what is undefined stays as it is. */
export interface SessionChange {
  readonly status?: 'offline' | 'scheduled' | 'live' | 'ended' | undefined;
  readonly scheduledAt?: number | undefined;
  /** Milliseconds after which the session is ended unless this is said again. */
  readonly heartbeatMs?: number | undefined;
  /** Who may watch: for members alone the room itself is closed, too. */
  readonly viewers?: ViewersMode | undefined;
  /** Keys of the marker that are taken over as they are: `title`, `category`, `stream` and so on. */
  readonly more: JsonObject;
}

const GUARD_MS = 5 * 60_000;
const DEFAULT_PIN_MS = 20 * 60_000;
const SHIELD_PRESET: JsonObject = {
  ...{ followers_only: 1440, account_age: 10_080, slow: 30, links: 'block', first_time: 'hold' },
};

const UNPINNED: State = [
  ['m.room.pinned_events', { pinned: [] }],
  [PIN_EVENT, {}],
];
const LOWERED: State = [[SHIELD_EVENT, { active: false }]];

export class ChannelControl {
  readonly #parts: ChannelControlParts;

  constructor(parts: ChannelControlParts) {
    this.#parts = parts;
  }

  /** Starts, ends or announces a stream, or changes what is told of it and to whom. @throws M_FORBIDDEN */
  async changeSession(by: string, live: LiveRoom, change: SessionChange): Promise<JsonObject> {
    const { timeline, rooms, serviceUser, log, clock } = this.#parts;
    const { status, viewers, heartbeatMs } = change;
    const endsAt = heartbeatMs === undefined ? undefined : clock.now() + heartbeatMs;
    await requireStreamer(rooms, by, live);
    let was: string | undefined;
    let marker: JsonObject = {};
    // All in one piece, and on what it is then: nobody is told in between what is not for them.
    await timeline.change(live.roomId, (turn, room) => {
      const before = room.decidedState.get(LIVE_EVENT, '')?.content ?? {};
      was = stringIn(before, 'status');
      const doors = viewers && doorsFor(room, viewers, this.#marker(before, change));
      marker = doors?.marker ?? this.#marker(before, change);
      const set = new WriteSet();
      const isListed = doors?.isListed ?? room.isPublic;
      if (isListed !== room.isPublic) {
        set.add('rooms.setPublic', { room_nid: room.nid, is_public: isListed ? 1 : 0 });
        set.onCommitted(() => {
          room.isPublic = isListed;
        });
      }
      const { channelId: channel_id } = live;
      const isOn = stringIn(marker, 'status') === 'live';
      if (!isOn) set.add('live.runOuts.remove', { channel_id, what: 'session' });
      else if (endsAt !== undefined) set.add('live.runOuts.put', { channel_id, what: 'session', ends_at: endsAt });
      // The service user writes it: the marker is the server's word.
      const state = stateOf(serviceUser, [...(doors?.state ?? []), [LIVE_EVENT, marker]]);
      return timeline.append(turn, room, state, { set, isAdmitted: true });
    });
    this.#parts.onHeartbeat?.(live, stringIn(marker, 'status') === 'live' ? endsAt : null);
    if (status !== undefined && status !== was) await log.note(by, live, `session.${status}`);
    return marker;
  }

  /** The marker after a change. */
  #marker(before: JsonObject, { status, scheduledAt, viewers, more }: SessionChange): JsonObject {
    const { clock, random } = this.#parts;
    const was = stringIn(before, 'status');
    let content = before;
    for (const key of Object.keys(more)) content = withKey(content, key, more[key] ?? null);
    if (viewers !== undefined) content = withKey(content, 'viewers', viewers);
    if (status === undefined) return content;
    content = withKey(content, 'status', status);
    const session = isJsonObject(before['session']) ? before['session'] : {};
    if (status === 'live' && was !== 'live') {
      // What was announced is what begins.
      const { id = null, scheduled_at = null } = was === 'scheduled' ? session : {};
      const announced = scheduled_at === null ? {} : { scheduled_at };
      const started = { id: id ?? `ss_${random.token(10)}`, ...announced, started_at: clock.now() };
      return withKey(content, 'session', started);
    }
    if (status === 'scheduled') {
      const id = was === 'scheduled' ? (session['id'] ?? null) : null;
      const at = scheduledAt ?? (was === 'scheduled' ? (session['scheduled_at'] ?? null) : null);
      return withKey(content, 'session', { id: id ?? `ss_${random.token(10)}`, scheduled_at: at });
    }
    const isEnding = status !== 'live' && was === 'live' && isJsonObject(before['session']);
    return isEnding ? withKey(content, 'session', withKey(session, 'ended_at', clock.now())) : content;
  }

  /** @throws M_FORBIDDEN, M_INVALID_PARAM */
  async changeSettings(by: string, live: LiveRoom, patch: JsonObject): Promise<JsonObject> {
    const { rooms, timeline, log } = this.#parts;
    await requireModerator(rooms, by, live);
    const problem = findSettingsProblem(patch);
    if (problem !== undefined) throw invalidParam(`${problem} is out of range or of another type`);
    await this.enter(by, live);
    let content: JsonObject = {};
    // What another moderator changes at the same time stays.
    await timeline.change(live.roomId, (turn, room) => {
      content = mergeSettings(room.decidedState.get(SETTINGS_EVENT, '')?.content ?? {}, patch);
      const draft = { type: SETTINGS_EVENT, sender: by, stateKey: '', content };
      return timeline.append(turn, room, [draft], { isAdmitted: true });
    });
    await log.note(by, live, 'settings', undefined, patch);
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
    await this.#set(by, live, [[SHIELD_EVENT, active ? { active, until, by, preset } : { active }]]);
    await this.#parts.log.note(by, live, active ? 'shield.on' : 'shield.off');
  }

  /** @throws M_FORBIDDEN, M_NOT_FOUND */
  async pin(by: string, live: LiveRoom, name: string, ms = DEFAULT_PIN_MS): Promise<void> {
    await requireModerator(this.#parts.rooms, by, live);
    const eventId = await this.#parts.names.eventIdOf(live, name);
    const until = this.#parts.clock.now() + ms;
    await this.#set(by, live, [
      ['m.room.pinned_events', { pinned: [eventId] }],
      [PIN_EVENT, { event_id: eventId, by, until, style: 'default' }],
    ]);
    await this.#parts.log.note(by, live, 'pin', eventId);
  }

  /**
   * The message that is pinned, as viewers are told of messages; undefined where there is none, it is gone, or was said
   * when `userId` might not watch.
   */
  async pinned({ streamer }: LiveRoom, room: Room, userId = ''): Promise<JsonObject | undefined> {
    const pin = room.get(PIN_EVENT, '')?.content ?? {};
    const eventId = stringIn(pin, 'event_id');
    const isOver = typeof pin['until'] === 'number' && pin['until'] <= this.#parts.clock.now();
    const event = eventId === undefined || isOver ? undefined : await this.#parts.events.byId(eventId, room);
    if (!event || event.redactedBy !== undefined || event.stateKey !== undefined) return undefined;
    if ((await this.#parts.visibility.filter(room, userId, [event])).length === 0) return undefined;
    const told = entryOf(event, room, streamer);
    return told && (JSON.parse(told.entry.fields) as JsonObject);
  }

  /** @throws M_FORBIDDEN */
  async unpin(by: string, live: LiveRoom): Promise<void> {
    await requireModerator(this.#parts.rooms, by, live);
    await this.#set(by, live, UNPINNED);
    await this.#parts.log.note(by, live, 'unpin');
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
    const shield = { active: true, until, by: serviceUser, preset: SHIELD_PRESET };
    await this.#set(serviceUser, live, [[SHIELD_EVENT, shield]]);
  }

  /** Takes down what has run out by now; what somebody has put up anew meanwhile stays. */
  async lower(live: LiveRoom, what: RunOut): Promise<void> {
    const { serviceUser, timeline, clock } = this.#parts;
    if (what === 'session') return this.#endSession(live);
    const [type, drafts] = what === 'pin' ? [PIN_EVENT, UNPINNED] : [SHIELD_EVENT, LOWERED];
    await timeline.change(live.roomId, (turn, room) => {
      const until = room.decidedState.get(type, '')?.content['until'];
      const isOver = typeof until === 'number' && until <= clock.now();
      return timeline.append(turn, room, isOver ? stateOf(serviceUser, drafts) : [], { isAdmitted: true });
    });
  }

  /** The stream is over: whoever sends it has not been heard of for too long. */
  async #endSession(live: LiveRoom): Promise<void> {
    const { serviceUser, timeline, log } = this.#parts;
    await timeline.change(live.roomId, (turn, room) => {
      const before = room.decidedState.get(LIVE_EVENT, '')?.content ?? {};
      const isEnded = before['status'] === 'live';
      const marker = this.#marker(before, { status: 'ended', more: {} });
      const reason = { reason: 'no heartbeat' };
      const set = isEnded ? log.entry(serviceUser, live, 'session.ended', undefined, reason) : new WriteSet();
      set.add('live.runOuts.remove', { channel_id: live.channelId, what: 'session' });
      const drafts = isEnded ? stateOf(serviceUser, [[LIVE_EVENT, marker]]) : [];
      return timeline.append(turn, room, drafts, { set, isAdmitted: true });
    });
  }

  /** State in one piece, and with it when it ends by itself. */
  async #set(by: string, live: LiveRoom, state: State): Promise<void> {
    const { timeline } = this.#parts;
    await this.enter(by, live);
    await timeline.change(live.roomId, (turn, room) => {
      const set = new WriteSet();
      for (const [type, content] of state) addRunOut(set, live, type, content);
      return timeline.append(turn, room, stateOf(by, state), { set, isAdmitted: true });
    });
  }

  /** @throws M_FORBIDDEN */
  async requireStreamer(userId: string, live: LiveRoom): Promise<void> {
    await requireStreamer(this.#parts.rooms, userId, live);
  }

  /** Whoever acts in the room is in it: the streamer and moderators become members with what they do first. */
  async enter(userId: string, { roomId }: LiveRoom): Promise<void> {
    const room = await this.#parts.rooms.get(roomId);
    if (!room) throw notFound('This server does not know the room of the channel');
    if (room.isJoined(userId)) return;
    const { membership, serviceUser } = this.#parts;
    const isByInvitation = room.get(JOIN_RULES_EVENT, '')?.content['join_rule'] !== 'public';
    const isModerator = powerLevels(room.rules, room).userLevel(userId) >= MODERATOR_POWER;
    if (isByInvitation && isModerator) await membership.invite(serviceUser, roomId, userId);
    await membership.join({ userId, isGuest: false }, roomId, {});
  }
}

function stateOf(sender: string, state: State) {
  return state.map(([type, content]) => ({ type, content, sender, stateKey: '' }));
}
