import type { UserRoom } from '../membership/user-rooms.ts';
import type { SyncSources } from './sources.ts';
import type { SyncScope } from './sync-request.ts';

/** Rooms that are being read while one is presented. */
const AHEAD = 4;

/** Begins to read the room that an initial sync will come to some rooms after `index`, if it is not in memory. */
export function loadAhead(
  { rooms }: Pick<SyncSources, 'rooms'>,
  scope: SyncScope,
  userRooms: readonly UserRoom[],
  index: number,
): void {
  if (scope.since > 0) return;
  const later = userRooms[index + AHEAD];
  if (later?.membership !== 'join' || !scope.filter.inRoom(later.roomId) || rooms.peek(later.roomId)) return;
  // If this fails, so does the reading when its turn has come, which tells of it.
  rooms.get(later.roomId).catch(() => undefined);
}
