/**
 * Moving a channel to a new room: leaving never makes the state of a room smaller, so that the rooms of large channels
 * are left behind now and then. Element follows the tombstone, viewers of the gateway are moved where they stand.
 */
import { invalidParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import type { Channel, ChannelBook } from './channel-book.ts';
import { requireStreamer } from './channel-powers.ts';
import type { ModLog } from './mod-log.ts';

export interface RolloverParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly membership: Pick<Membership, 'join'>;
  readonly book: ChannelBook;
  readonly log: ModLog;
  readonly serviceUser: string;
  /** Has viewers go on in the room that the channel has now. */
  readonly moveViewers: (channelId: string) => Promise<void>;
}

/** State that goes along. */
const CARRIED = [LIVE_EVENT, SETTINGS_EVENT, SHIELD_EVENT, 'm.room.power_levels', 'm.room.avatar', 'm.room.topic'];

export class Rollover {
  readonly #parts: RolloverParts;
  readonly #underWay = new Set<string>();

  constructor(parts: RolloverParts) {
    this.#parts = parts;
  }

  /** Answers the new room. @throws M_FORBIDDEN, M_INVALID_PARAM while the channel is being moved */
  async move(by: string, channel: Channel): Promise<string> {
    const { rooms, book, log, membership } = this.#parts;
    const { live, name } = channel;
    const { channelId, streamer } = live;
    const { room: old } = await requireStreamer(rooms, by, live);
    if (this.#underWay.has(channelId)) throw invalidParam('The channel is being moved');
    this.#underWay.add(channelId);
    try {
      const roomId = await book.newRoom(streamer, channelId, { name });
      await this.#carry(old, roomId);
      const moved = await book.move(channelId, roomId);
      await this.#send(old.id, 'm.room.tombstone', '', {
        body: 'The channel goes on in another room',
        replacement_room: roomId,
      });
      await membership.join({ userId: streamer, isGuest: false }, roomId, {});
      await this.#parts.moveViewers(channelId);
      await log.note(by, moved.live, 'rollover', undefined, { from: old.id, to: roomId });
      return roomId;
    } finally {
      this.#underWay.delete(channelId);
    }
  }

  /** Takes settings, levels and bans along. */
  async #carry(old: Room, roomId: string): Promise<void> {
    for (const type of CARRIED) {
      const content = old.get(type, '')?.content;
      if (content) await this.#send(roomId, type, '', content);
    }
    for (const member of old.stateEventsOfType('m.room.member')) {
      const userId = member.stateKey;
      if (userId !== undefined && member.content['membership'] === 'ban') {
        await this.#send(roomId, 'm.room.member', userId, member.content);
      }
    }
  }

  async #send(roomId: string, type: string, stateKey: string, content: JsonObject): Promise<void> {
    const sender = this.#parts.serviceUser;
    await this.#parts.timeline.send(roomId, { type, sender, stateKey, content }, { isAdmitted: true });
  }
}
