/** Takes the edits of a message out with it: to the room they are events of their own, and say what it said. */
import { relationIn } from '../../protocol/events/relations.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventSender } from '../../services/rooms/event-sender.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Random } from '../../util/random.ts';
import type { LiveRooms } from './live-rooms.ts';

export interface EditsOfDeletedParts {
  readonly notices: NoticeBoard;
  readonly rooms: Pick<RoomCache, 'peek'>;
  readonly liveRooms: Pick<LiveRooms, 'byRoom' | 'channelOfOld'>;
  readonly eventSender: Pick<EventSender, 'redact'>;
  readonly random: Random;
  readonly serviceUser: string;
  onFault(error: unknown): void;
}

export function deleteEdits({ notices, rooms, liveRooms, eventSender, random, ...parts }: EditsOfDeletedParts): void {
  const sender = { userId: parts.serviceUser, deviceId: 'live', isGuest: false };
  const redact = async (roomId: string, eventIds: readonly string[]) => {
    for (const eventId of eventIds) await eventSender.redact(sender, roomId, eventId, random.token(16));
  };
  notices.on('redaction', ({ roomId, eventId }) => {
    const isLive = liveRooms.byRoom(roomId) !== undefined || liveRooms.channelOfOld(roomId) !== undefined;
    // Edits come soon after what they edit, or are of no concern to viewers.
    const recent = isLive ? (rooms.peek(roomId)?.recent ?? []) : [];
    const edits = recent.filter(({ content, redactedBy, stateKey }) => {
      const relation = redactedBy === undefined && stateKey === undefined ? relationIn(content) : undefined;
      return relation?.relType === 'm.replace' && relation.eventId === eventId;
    });
    if (edits.length > 0) {
      redact(
        roomId,
        edits.map((edit) => edit.eventId),
      ).catch(parts.onFault);
    }
  });
}
