/** Who may do what in a channel: by the levels of its room, which Element and other clients change like any others. */
import { type PowerLevels, powerLevels } from '../../protocol/authorization/power-levels.ts';
import { forbidden, notFound } from '../../protocol/errors.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import { MODERATOR_POWER } from '../rules/standing.ts';
import type { LiveRoom } from './live-rooms.ts';

const STREAMER_POWER = 100;

export interface Empowered {
  readonly room: Room;
  readonly levels: PowerLevels;
}

/** @throws M_FORBIDDEN, M_NOT_FOUND */
export async function requireModerator(
  rooms: Pick<RoomCache, 'get'>,
  userId: string,
  live: LiveRoom,
): Promise<Empowered> {
  return requireLevel(rooms, userId, live, MODERATOR_POWER, 'You do not moderate this channel');
}

/** @throws M_FORBIDDEN, M_NOT_FOUND */
export async function requireStreamer(
  rooms: Pick<RoomCache, 'get'>,
  userId: string,
  live: LiveRoom,
): Promise<Empowered> {
  return requireLevel(rooms, userId, live, STREAMER_POWER, 'This channel is not yours');
}

async function requireLevel(
  rooms: Pick<RoomCache, 'get'>,
  userId: string,
  { roomId }: LiveRoom,
  level: number,
  text: string,
): Promise<Empowered> {
  const room = await rooms.get(roomId);
  if (!room) throw notFound('This server does not know the room of the channel');
  const levels = powerLevels(room.rules, room);
  if (levels.userLevel(userId) < level) throw forbidden(text);
  return { room, levels };
}
