/** Who may watch a channel, and what was said while nobody but members might. */
import { historyVisibilityIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { StoredEvent } from '../../services/timeline/stored-event.ts';
import { LIVE_EVENT, parseChannelState, type ViewersMode } from '../rules/channel-state.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';

export const VISIBILITY_EVENT = 'm.room.history_visibility';

export function mayWatch(room: Room, userId: string | undefined): boolean {
  const mode = modeOf(room.get(VISIBILITY_EVENT, '')?.content, room.get(LIVE_EVENT, '')?.content);
  if (mode === 'members') return userId !== undefined && room.isJoined(userId);
  return mode === 'anyone' || userId !== undefined;
}

/** The same for a channel: whoever was in the room that it had before comes along, until something else is known of them. */
export async function mayWatchChannel(
  { rooms, liveRooms }: { readonly rooms: Pick<RoomCache, 'get'>; readonly liveRooms: Pick<LiveRooms, 'roomBefore'> },
  { channelId }: LiveRoom,
  room: Room,
  userId: string | undefined,
): Promise<boolean> {
  if (mayWatch(room, userId)) return true;
  const before = userId === undefined ? undefined : liveRooms.roomBefore(channelId);
  if (userId === undefined || before === undefined || room.membershipOf(userId) !== undefined) return false;
  return (await rooms.get(before))?.isJoined(userId) === true;
}

/** The same at once, for those who were let in a moment ago: a room that is not in memory has not changed since. */
export function mayStay(
  { rooms, liveRooms }: { readonly rooms: Pick<RoomCache, 'peek'>; readonly liveRooms: Pick<LiveRooms, 'roomBefore'> },
  { channelId, roomId }: LiveRoom,
  userId: string | undefined,
): boolean {
  const room = rooms.peek(roomId);
  if (!room || mayWatch(room, userId)) return true;
  const before = userId === undefined ? undefined : liveRooms.roomBefore(channelId);
  if (userId === undefined || before === undefined || room.membershipOf(userId) !== undefined) return false;
  return rooms.peek(before)?.isJoined(userId) === true;
}

/** Whether only members may watch, so that what is said is for them alone. */
export function isForMembers(room: Pick<Room, 'get'>): boolean {
  return modeOf(room.get(VISIBILITY_EVENT, '')?.content, room.get(LIVE_EVENT, '')?.content) === 'members';
}

/** Those of the recent events of a room that came while others than members might watch, oldest first. */
export function recentForOthers(room: Pick<Room, 'get' | 'recent'>): readonly StoredEvent[] {
  let visibility = room.get(VISIBILITY_EVENT, '')?.content;
  let marker = room.get(LIVE_EVENT, '')?.content;
  const shown: StoredEvent[] = [];
  for (const event of room.recent.toReversed()) {
    if (modeOf(visibility, marker) !== 'members') shown.push(event);
    if (event.stateKey !== '') continue;
    if (event.type === VISIBILITY_EVENT) visibility = contentBefore(event);
    else if (event.type === LIVE_EVENT) marker = contentBefore(event);
  }
  return shown.reverse();
}

/** What the world may not read is for members, whatever the marker of the room says. */
function modeOf(visibility: JsonObject | undefined, marker: JsonObject | undefined): ViewersMode {
  return historyVisibilityIn(visibility) === 'world_readable' ? parseChannelState(marker).viewers : 'members';
}

/** What the state was that an event has replaced. */
function contentBefore({ unsigned }: StoredEvent): JsonObject | undefined {
  const { prev_content: before } = JSON.parse(`{${unsigned}}`) as JsonObject;
  return isJsonObject(before) ? before : undefined;
}
