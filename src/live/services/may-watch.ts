/** Who may watch a channel. */
import { historyVisibilityIn } from '../../protocol/events/content-readers.ts';
import type { Room } from '../../services/timeline/room.ts';
import { LIVE_EVENT, parseChannelState } from '../rules/channel-state.ts';

/** What the world may not read is for members, whatever the marker of the room says. */
export function mayWatch(room: Room, userId: string | undefined): boolean {
  const isMember = userId !== undefined && room.isJoined(userId);
  const visibility = historyVisibilityIn(room.get('m.room.history_visibility', '')?.content);
  if (visibility !== 'world_readable') return isMember;
  const { viewers } = parseChannelState(room.get(LIVE_EVENT, '')?.content);
  if (viewers === 'members') return isMember;
  return viewers === 'anyone' || userId !== undefined;
}

/** Whether only members may watch, so that what is said is for them alone. */
export function isForMembers(room: Room): boolean {
  return !mayWatch(room, 'somebody');
}
