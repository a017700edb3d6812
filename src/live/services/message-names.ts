/** The events behind the names by which viewers know messages. */
import { notFound } from '../../protocol/errors.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { isMessageName, messageName } from '../rules/message-name.ts';
import { liveArea } from '../store/live-area.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';

export interface MessageNamesParts {
  readonly storage: Pick<Storage, 'readArea'>;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly liveRooms: Pick<LiveRooms, 'roomBefore'>;
}

export class MessageNames {
  readonly #parts: MessageNamesParts;

  constructor(parts: MessageNamesParts) {
    this.#parts = parts;
  }

  /** The event that is named, with its room: that of the channel, or the one before. @throws M_NOT_FOUND */
  async find(live: LiveRoom, name: string): Promise<{ eventId: string; roomId: string }> {
    const { storage, rooms, liveRooms } = this.#parts;
    const before = liveRooms.roomBefore(live.channelId);
    for (const roomId of [live.roomId, ...(before === undefined ? [] : [before])]) {
      const room = await rooms.get(roomId);
      const short = messageName(name);
      const found = room ? await storage.readArea(liveArea, (store) => store.eventsNamed(room.nid, short)) : [];
      const fitting = found.filter((eventId) => eventId.startsWith(name));
      // One that two events have names neither: whoever means one of them says all of its id.
      if (fitting.length > 1) break;
      const [eventId] = fitting;
      if (eventId !== undefined) return { eventId, roomId };
    }
    throw notFound('There is no such message in the channel');
  }

  /** The id of the event that is named; an event id in full is one already. @throws M_NOT_FOUND */
  async eventIdOf(live: LiveRoom, name: string): Promise<string> {
    return isMessageName(name) ? (await this.find(live, name)).eventId : name;
  }
}
