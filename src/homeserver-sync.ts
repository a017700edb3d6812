/** Composes what clients ask over and over: sync. */
import type { Config } from './config/schema.ts';
import type { NoticeBoard } from './services/events.ts';
import type { SyncSources } from './services/sync/sources.ts';
import { Sync } from './services/sync/sync.ts';
import { EventTransactions } from './services/timeline/event-transactions.ts';
import { RoomPositions } from './services/timeline/room-positions.ts';

/** What sync is built on. */
export type SyncFoundations = Omit<
  SyncSources,
  'positions' | 'deviceKeys' | 'transactions' | 'unread' | 'visibility' | 'relations'
> & {
  readonly config: Config;
  readonly notices: NoticeBoard;
  readonly keyCounts: SyncSources['deviceKeys'];
};

export function composeSync(on: SyncFoundations): Sync {
  const { storage, notices, clock, config } = on;
  const { limits } = config;
  return new Sync(
    {
      ...on,
      deviceKeys: on.keyCounts,
      positions: new RoomPositions(storage, notices, { rooms: limits.sessionCacheEntries * 10 }),
      transactions: new EventTransactions(storage, clock, config.idempotency.window),
      unread: { counts: async () => ({ notification_count: 0, highlight_count: 0, threads: new Map() }) },
      visibility: { filter: async (_room, _userId, found) => found },
      relations: { bundles: async () => new Map() },
    },
    notices,
    {
      timelineMax: limits.syncTimelineMax,
      timeoutMax: limits.syncTimeoutMax,
      waitersPerUser: limits.syncWaitersPerUser,
      toDeviceMax: limits.syncToDeviceMax,
      lazyRooms: limits.sessionCacheEntries,
    },
  );
}
