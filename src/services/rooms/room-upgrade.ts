import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { badJson, forbidden, MatrixError, unsupportedRoomVersion } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { type JsonObject, withKey } from '../../protocol/json.ts';
import { roomVersion } from '../../protocol/room-versions/index.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Random } from '../../util/random.ts';
import { type MemberProfiles, memberContent } from '../membership/member-content.ts';
import type { FullStates } from '../timeline/partial-state/full-states.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { EventDraft, Timeline } from '../timeline/timeline.ts';
import { upgradedCreateContent, upgradedEvents, upgradedPowerLevels } from './upgraded-state.ts';

export interface RoomUpgradeParts {
  readonly timeline: Timeline;
  readonly rooms: RoomCache;
  readonly fullStates: FullStates;
  readonly profiles: MemberProfiles;
  readonly random: Random;
  readonly serverName: string;
}

/** Bans that are taken along with one write set. */
const BANS_AT_ONCE = 100;

/** Replaces rooms by new ones of another version. */
export class RoomUpgrade {
  private readonly parts: RoomUpgradeParts;

  constructor(parts: RoomUpgradeParts) {
    this.parts = parts;
  }

  /**
   * Makes the new room with the state and the bans of the old one; then closes the old one, whose aliases and place in
   * the directory go over to the new one. Answers the id of the new room.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#room-upgrades
   * @throws M_UNSUPPORTED_ROOM_VERSION; M_FORBIDDEN for those who may not replace the room; M_BAD_JSON; M_UNKNOWN 504
   *   if it is not known in time who is in it
   */
  async upgrade(
    userId: string,
    roomId: string,
    version: string,
    additionalCreators: readonly string[],
  ): Promise<string> {
    const { timeline, rooms, profiles, random, serverName } = this.parts;
    const rules = roomVersion(version);
    if (!rules) throw unsupportedRoomVersion(`Rooms of version ${version} cannot be made here`);
    if (!additionalCreators.every(isUserId)) throw badJson('additional_creators is not a list of user ids');
    await this.parts.fullStates.of(roomId);
    const old = await rooms.get(roomId);
    if (!old?.isJoined(userId)) throw forbidden('You are not in this room');
    const levels = powerLevels(old.rules, old);
    if (levels.userLevel(userId) < levels.eventLevel('m.room.tombstone', true)) {
      throw forbidden('Your power level is too low to replace this room');
    }
    const creators = [userId, ...additionalCreators];
    const join = memberContent('join', await profiles.memberProfile(userId));
    const newLevels = upgradedPowerLevels(old, rules, creators);
    const drafts = upgradedEvents(old, rules, userId, join, newLevels);
    const room = await timeline.createRoom({
      rules,
      creator: userId,
      content: upgradedCreateContent(old, rules, userId, additionalCreators),
      isPublic: false,
      chooseRoomId: () => `!${random.token(18)}:${serverName}`,
      following: () => drafts,
    });
    await this.takeBansAlong(userId, old, room);
    await this.close(userId, old, room);
    return room.id;
  }

  private async takeBansAlong(userId: string, old: Room, room: Room): Promise<void> {
    const bans: EventDraft[] = [];
    for (const { stateKey, content } of old.stateEventsOfType('m.room.member')) {
      if (membershipIn(content) !== 'ban') continue;
      const { reason } = content;
      const ban = reason === undefined ? { membership: 'ban' } : { membership: 'ban', reason };
      bans.push({ type: 'm.room.member', sender: userId, stateKey: stateKey!, content: ban });
    }
    for (let i = 0; i < bans.length; i += BANS_AT_ONCE) {
      await this.sendIfAllowed(room.id, bans.slice(i, i + BANS_AT_ONCE));
    }
  }

  private async close(userId: string, old: Room, room: Room): Promise<void> {
    const { timeline } = this.parts;
    const draft = (type: string, content: JsonObject) => ({ type, sender: userId, stateKey: '', content });
    const tombstone = { body: 'This room has been replaced', replacement_room: room.id };
    await timeline.change(old.id, (turn, present) => {
      const set = new WriteSet().add('room_aliases.move', { from_room_nid: old.nid, to_room_nid: room.nid });
      set.add('rooms.setPublic', { room_nid: room.nid, is_public: present.isPublic ? 1 : 0 });
      set.add('rooms.setPublic', { room_nid: old.nid, is_public: 0 });
      set.onCommitted(() => {
        room.isPublic = present.isPublic;
        present.isPublic = false;
      });
      return timeline.append(turn, present, [draft('m.room.tombstone', tombstone)], { set });
    });
    if (old.stateEvent('m.room.canonical_alias', '')) {
      await this.sendIfAllowed(old.id, [draft('m.room.canonical_alias', {})]);
    }
    const quiet = quietLevels(old);
    if (quiet) await this.sendIfAllowed(old.id, [draft('m.room.power_levels', quiet)]);
  }

  /** Not everybody who may replace a room may do everything that should come with it. */
  private async sendIfAllowed(roomId: string, drafts: readonly EventDraft[]): Promise<void> {
    const { timeline } = this.parts;
    try {
      await timeline.change(roomId, (turn, room) => timeline.append(turn, room, drafts));
    } catch (error) {
      if (!(error instanceof MatrixError) || error.errcode !== 'M_FORBIDDEN') throw error;
    }
  }
}

/** Levels at which ordinary members can neither write nor invite; undefined if it is like that already. */
function quietLevels(old: Room): JsonObject | undefined {
  const content = old.stateEvent('m.room.power_levels', '')?.content;
  if (!content) return undefined;
  const levels = powerLevels(old.rules, old);
  const quiet = Math.max(50, levels.level('users_default') + 1);
  if (levels.level('events_default') >= quiet && levels.invite >= quiet) return undefined;
  const events = Math.max(levels.level('events_default'), quiet);
  return withKey(withKey(content, 'events_default', events), 'invite', Math.max(levels.invite, quiet));
}
