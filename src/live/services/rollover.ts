/**
 * Moving a channel to a new room: leaving never makes the state of a room smaller, so that the rooms of large channels
 * are left behind now and then. Element follows the tombstone, viewers of the gateway are moved where they stand, and see
 * on the other side what was said last.
 */
import { invalidParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject, withKey } from '../../protocol/json.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import { EMOTE_PACK_EVENTS } from '../rules/emote-packs.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import type { Channel, ChannelBook } from './channel-book.ts';
import { requireStreamer } from './channel-powers.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom } from './live-rooms.ts';
import { isForMembers } from './may-watch.ts';
import type { ModLog } from './mod-log.ts';

export interface RolloverParts {
  readonly clock: Clock;
  readonly rooms: Pick<RoomCache, 'get' | 'peek'>;
  readonly timeline: Pick<Timeline, 'send' | 'change' | 'append'>;
  readonly membership: Pick<Membership, 'join' | 'invite'>;
  readonly book: ChannelBook;
  readonly liveChannels: Pick<LiveChannels, 'carry'>;
  readonly log: ModLog;
  readonly serviceUser: string;
  /** Users in the state of a room, past ones among them, from which on its channel moves by itself; 0: never. */
  readonly maxMembers: number;
  /** Told once the channel has its new room. */
  readonly onMoved: (live: LiveRoom) => Promise<void>;
  /** Has viewers go on in the room that the channel has now. */
  readonly moveViewers: (channelId: string) => Promise<void>;
  onFault(error: unknown): void;
}

/** State that goes along; first of all, who may come in and read. */
const CARRIED = [
  ...['m.room.history_visibility', 'm.room.guest_access', 'm.room.server_acl', 'm.room.power_levels'],
  ...[LIVE_EVENT, SETTINGS_EVENT, SHIELD_EVENT, 'm.room.name', 'm.room.avatar', 'm.room.topic', 'm.room.retention'],
  'm.room.canonical_alias',
];
/** Rooms before whose members may come in; of more, the oldest are left out. */
const MAX_BEFORE = 10;
/** What could not be moved is tried again after this time: each try makes a room. */
const AGAIN_MS = 60 * 60_000;

export class Rollover {
  readonly #parts: RolloverParts;
  readonly #underWay = new Set<string>();
  /** When channels may be tried again. */
  readonly #failed = new Map<string, number>();

  constructor(parts: RolloverParts) {
    this.#parts = parts;
  }

  /** Answers the new room. @throws M_FORBIDDEN, M_INVALID_PARAM while the channel is being moved */
  async move(by: string, channel: Channel): Promise<string> {
    const { room } = await requireStreamer(this.#parts.rooms, by, channel.live);
    return this.#move(by, channel, room);
  }

  /** Moves the channels whose rooms have grown too large. */
  async sweep(): Promise<void> {
    const { maxMembers, book, rooms, clock, serviceUser, onFault } = this.#parts;
    if (maxMembers === 0) return;
    for (const channel of [...book.all()]) {
      const { roomId, channelId } = channel.live;
      // A room that is not in memory does not grow.
      const room = rooms.peek(roomId);
      if (!room || room.stateCount('m.room.member') <= maxMembers) continue;
      if (this.#underWay.has(channelId) || (this.#failed.get(channelId) ?? 0) > clock.now()) continue;
      try {
        await this.#move(serviceUser, channel, room);
        this.#failed.delete(channelId);
      } catch (error) {
        this.#failed.set(channelId, clock.now() + AGAIN_MS);
        onFault(error);
      }
    }
  }

  async #move(by: string, { live, name }: Channel, old: Room): Promise<string> {
    const { book, log, membership, liveChannels, moveViewers, onMoved, onFault } = this.#parts;
    const { channelId, streamer } = live;
    if (this.#underWay.has(channelId)) throw invalidParam('The channel is being moved');
    this.#underWay.add(channelId);
    try {
      const viewers = isForMembers(old) ? 'members' : 'anyone';
      const roomId = await book.newRoom(streamer, channelId, { name, viewers });
      await this.#carry(old, roomId);
      const isLetIn = old.isJoined(streamer) || old.get('m.room.join_rules', '')?.content['join_rule'] === 'public';
      if (!isLetIn) await membership.invite(this.#parts.serviceUser, roomId, streamer);
      await membership.join({ userId: streamer, isGuest: false }, roomId, {});
      const next = { ...live, roomId };
      const carried = await liveChannels.carry(live, next);
      // What moderators have done meanwhile comes along; the same is not said twice.
      await this.#carry(old, roomId);
      const moved = await book.move(channelId, roomId);
      await onMoved(moved.live);
      await this.#leave(old, roomId);
      // Nothing comes behind the tombstone: what came meanwhile is the rest.
      await liveChannels.carry(live, next, carried);
      await moveViewers(channelId).catch(onFault);
      await log.note(by, moved.live, 'rollover', undefined, { from: old.id, to: roomId });
      return roomId;
    } finally {
      this.#underWay.delete(channelId);
    }
  }

  /** Takes settings, levels, emotes and bans along. */
  async #carry(old: Room, roomId: string): Promise<void> {
    const joinRules = old.get('m.room.join_rules', '')?.content ?? {};
    await this.#send(roomId, 'm.room.join_rules', '', joinRulesBehind(joinRules, old.id));
    for (const type of CARRIED) {
      const content = old.get(type, '')?.content;
      if (content) await this.#send(roomId, type, '', content);
    }
    const members = [...old.stateEventsOfType('m.room.member')].filter(
      ({ content }) => content['membership'] === 'ban',
    );
    const packs = EMOTE_PACK_EVENTS.flatMap((type) => [...old.stateEventsOfType(type)]);
    for (const { type, stateKey, content } of [...packs, ...members]) {
      if (stateKey !== undefined) await this.#send(roomId, type, stateKey, content);
    }
  }

  /** Closes the room behind the channel: its aliases go along, and nobody chats there any more. */
  async #leave(old: Room, roomId: string): Promise<void> {
    const { timeline, rooms, serviceUser: sender } = this.#parts;
    const next = await rooms.get(roomId);
    const content = { body: 'The channel goes on in another room', replacement_room: roomId };
    await timeline.change(old.id, (turn, present) => {
      const set = new WriteSet();
      if (next) set.add('room_aliases.move', { from_room_nid: old.nid, to_room_nid: next.nid });
      set.add('rooms.setPublic', { room_nid: old.nid, is_public: 0 });
      set.onCommitted(() => {
        present.isPublic = false;
      });
      const tombstone = { type: 'm.room.tombstone', sender, stateKey: '', content };
      return timeline.append(turn, present, [tombstone], { set, isAdmitted: true });
    });
    if (old.get('m.room.canonical_alias', '')) await this.#send(old.id, 'm.room.canonical_alias', '', {});
    await this.#send(old.id, 'm.room.power_levels', '', quiet(old.get('m.room.power_levels', '')?.content ?? {}));
  }

  async #send(roomId: string, type: string, stateKey: string, content: JsonObject): Promise<void> {
    const sender = this.#parts.serviceUser;
    await this.#parts.timeline.send(roomId, { type, sender, stateKey, content }, { isAdmitted: true });
  }
}

/** Rules by which nobody comes in who might not have come into the room before, and all who were there do. */
function joinRulesBehind(content: JsonObject, roomId: string): JsonObject {
  const { join_rule: rule, allow } = content;
  if (rule === 'public') return content;
  const rooms = Array.isArray(allow) ? allow.slice(1 - MAX_BEFORE) : [];
  const isKnocking = rule === 'knock' || rule === 'knock_restricted';
  return {
    join_rule: isKnocking ? 'knock_restricted' : 'restricted',
    allow: [...rooms, { type: 'm.room_membership', room_id: roomId }],
  };
}

/** Levels by which moderators still take out what was said, and nobody says anything. */
function quiet(levels: JsonObject): JsonObject {
  const { redact = 50, events } = levels;
  const types = withKey(isJsonObject(events) ? events : {}, 'm.room.redaction', redact);
  return withKey(withKey(withKey(levels, 'events_default', 100), 'invite', 100), 'events', types);
}
