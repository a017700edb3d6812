/** Reactions to single messages, of viewers and of members: which messages of a channel have moved people the most. */

import { stringIn } from '../../protocol/events/content-readers.ts';
import { relationIn } from '../../protocol/events/relations.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import { Lru } from '../../util/lru.ts';
import { messageName } from '../rules/message-name.ts';
import type { Clearings } from './clearings.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { isForMembers, recentForOthers } from './may-watch.ts';

export interface MessageReactionsParts {
  readonly notices: NoticeBoard;
  readonly events: Pick<EventCache, 'peek'>;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly liveRooms: LiveRooms;
  readonly clearings: Pick<Clearings, 'of'>;
  /** Channels, and messages of a channel, whose reactions are counted at a time. */
  readonly limits: { readonly channels: number; readonly messages: number };
}

export class MessageReactions {
  readonly #parts: MessageReactionsParts;
  readonly #counts: Lru<string, Lru<string, number>>;

  constructor(parts: MessageReactionsParts) {
    this.#parts = parts;
    this.#counts = new Lru({ max: parts.limits.channels });
    parts.notices.on('timeline', ({ roomId, eventNid }) => {
      const live = parts.liveRooms.byRoom(roomId);
      const event = live && parts.events.peek(eventNid);
      if (!live || event?.type !== 'm.reaction') return;
      const relation = relationIn(event.content);
      if (relation) this.add(live, relation.eventId, 1);
    });
    parts.notices.on('redaction', ({ roomId, eventId }) => {
      const live = parts.liveRooms.byRoom(roomId);
      if (live) this.#counts.get(live.channelId)?.delete(messageName(eventId));
    });
  }

  /** `message`: its name or its event id. */
  add({ channelId }: LiveRoom, message: string, count: number): void {
    const name = messageName(message);
    const counts = this.#counts.get(channelId) ?? new Lru<string, number>({ max: this.#parts.limits.messages });
    this.#counts.set(channelId, counts);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }

  /** The messages with the most reactions of those that are recent. */
  async board(live: LiveRoom, limit: number): Promise<JsonObject[]> {
    const counts = this.#counts.get(live.channelId);
    const room = await this.#parts.rooms.get(live.roomId);
    if (!counts || !room) return [];
    const cleared = await this.#parts.clearings.of(live.channelId);
    const recent = isForMembers(room) ? room.recent : recentForOthers(room);
    return recent
      .filter(({ type, redactedBy }) => type === 'm.room.message' && !redactedBy)
      .filter((event) => counts.has(messageName(event.eventId)) && !cleared.has(event))
      .map(({ eventId, sender, content }) => {
        const tx = stringIn(content, 'body') ?? '';
        const id = messageName(eventId);
        return { id, u: sender, tx, count: counts.get(id) ?? 0 };
      })
      .sort((a, b) => b.count - a.count)
      .slice(0, limit);
  }
}
