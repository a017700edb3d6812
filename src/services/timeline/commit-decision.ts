import type { Storage } from '../../storage/contract/storage.ts';
import { StaleDecisionError, type WriteSet } from '../../storage/contract/write-set.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';

/** Hands a room's decision over to the committer, on top of the decisions before it. */
export function commitDecision(
  { storage, rooms }: { readonly storage: Storage; readonly rooms: RoomCache },
  room: Room,
  set: WriteSet,
): Promise<void> {
  const { decided } = room;
  if (decided.isLost) return Promise.reject(new StaleDecisionError('the decision before it failed'));
  set.after = decided.last;
  decided.last = set;
  rooms.pin(room);
  const done = storage.commit(set).then(
    () => {
      if (decided.last === set) {
        decided.last = undefined;
        decided.lastDone = undefined;
      }
      rooms.unpin(room);
    },
    (error: unknown) => {
      rooms.evict(room);
      rooms.unpin(room);
      throw error;
    },
  );
  decided.lastDone = done;
  const writing = Promise.allSettled([decided.writing, done]).then(() => {
    if (decided.writing === writing) decided.writing = undefined;
  });
  decided.writing = writing;
  return done;
}

/**
 * Waits, within the room's turn, until all that was decided is in the database: what is decided next may have to be
 * looked up there.
 * @throws StaleDecisionError if some of it could not be committed
 */
export async function settle(room: Room): Promise<void> {
  while (room.decided.writing) await room.decided.writing;
  if (room.decided.isLost) throw new StaleDecisionError('the decision before it failed');
}
