import { type Branded, isBoundedText } from './brand.ts';
import { hasSigilAndServer } from './parts.ts';

export type RoomId = Branded<'RoomId'>;

const HASH_ROOM_ID = /^![A-Za-z0-9_-]{43}$/;

/**
 * Whether `text` is a room id: `!localpart:server`, or since room version 12 `!` and the hash of the create event.
 * Source: https://spec.matrix.org/v1.19/appendices/#room-ids
 */
export function isRoomId(text: unknown): text is RoomId {
  if (typeof text !== 'string') return false;
  return HASH_ROOM_ID.test(text) || (isBoundedText(text) && hasSigilAndServer(text, '!'));
}

/** The room id that the id of its create event implies since room version 12. */
export function roomIdFromCreateEventId(eventId: string): RoomId {
  return `!${eventId.slice(1)}` as RoomId;
}

/** The id of the create event that a room id implies since room version 12. */
export function createEventIdFromRoomId(roomId: string): string {
  return `$${roomId.slice(1)}`;
}
