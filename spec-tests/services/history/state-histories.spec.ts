import { deepStrictEqual } from 'node:assert/strict';
import { NoticeBoard } from '../../../src/services/events.ts';
import { StateHistories } from '../../../src/services/history/state-histories.ts';
import type { EventCache } from '../../../src/services/timeline/event-cache.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import type { Storage } from '../../../src/storage/contract/storage.ts';

const TYPE = 'm.room.history_visibility';

describe('Histories of state', () => {
  it('have what was in between when state that was resolved comes back', async () => {
    const notices = new NoticeBoard();
    const nids = [1];
    const rooms = { stateHistory: async () => nids.map((event_nid) => ({ event_nid })) };
    const storage = { read: (fn: (tx: object) => Promise<unknown>) => fn({ rooms }) } as unknown as Storage;
    const events = {
      byNids: async (wanted: readonly number[]) => new Map(wanted.map((nid) => [nid, { nid }])),
    } as unknown as EventCache;
    const room = {
      nid: 9,
      hadBranches: true,
      get: () => ({ nid: nids.at(-1), unsigned: '' }),
      keyNid: () => 3,
    } as unknown as Room;
    const histories = new StateHistories(storage, events, notices, { entries: 100 });
    const told = async () => (await histories.of(room, TYPE, '')).map(({ nid }) => nid);
    deepStrictEqual(await told(), [1]);
    for (const nid of [2, 1]) {
      nids.push(nid);
      const change = { roomId: '!r', roomNid: 9, type: TYPE, stateKey: '', before: undefined, after: undefined };
      notices.publish('currentState', { ...change, position: nids.length });
    }
    deepStrictEqual(await told(), [1, 2, 1]);
  });
});
