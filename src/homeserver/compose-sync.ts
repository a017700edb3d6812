/** Composes what clients ask over and over: sync. */
import type { Config } from '../config/schema.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { SyncSources } from '../services/sync/sources.ts';
import { Sync } from '../services/sync/sync.ts';
import { RoomPositions } from '../services/timeline/room-positions.ts';
import { Unread, type UnreadDependencies } from '../services/unread/unread.ts';

/** What sync is built on. */
export type SyncFoundations = Omit<SyncSources, 'positions' | 'deviceKeys' | 'unread'> & {
  readonly config: Config;
  readonly notices: NoticeBoard;
  readonly keyCounts: SyncSources['deviceKeys'];
  readonly pushRules: UnreadDependencies['pushRules'];
  readonly receipts: UnreadDependencies['receipts'];
};

export function composeSync(on: SyncFoundations) {
  const { storage, notices, config } = on;
  const { limits } = config;
  const positions = new RoomPositions(storage, notices, { rooms: limits.sessionCacheEntries * 10 });
  const unread = new Unread({ ...on, limits });
  const sync = new Sync({ ...on, deviceKeys: on.keyCounts, positions, unread }, notices, {
    timelineMax: limits.syncTimelineMax,
    timeoutMax: limits.syncTimeoutMax,
    waitersPerUser: limits.syncWaitersPerUser,
    toDeviceMax: limits.syncToDeviceMax,
    lazyRooms: limits.sessionCacheEntries,
  });
  return { sync, positions, unread };
}
