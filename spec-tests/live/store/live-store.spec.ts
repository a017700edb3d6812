import assert from 'node:assert/strict';
import { liveArea } from '../../../src/live/store/live-area.ts';
import type { HeldRow, LiveStore, SanctionRow, TermRow } from '../../../src/live/store/live-store.ts';
import type { Storage } from '../../../src/storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../../src/storage/contract/write-set.ts';
import { migratedEngine, type TestEngine } from '../../support/engines.ts';
import { openTestStorage } from '../../support/test-storage.ts';

const CHANNEL = { channel_id: 'ch_1', streamer: '@kai:s', name: 'Kai', room_id: '!a:s', created_at: 1 };

function sanction(user_id: string, until_ts: number | null, more: Partial<SanctionRow> = {}): SanctionRow {
  const base = { channel_id: 'ch_1', kind: 'timeout' as const, by_user: '@mod:s', reason: '', created_at: 1 };
  return { ...base, user_id, until_ts, ...more };
}

function term(pattern: string, expires: number | null = null): TermRow {
  return { channel_id: 'ch_1', pattern, action: 'block', expires, by_user: '@mod:s', created_at: 1 };
}

function held(held_id: string, created_at: number, expires_at: number): HeldRow {
  const message = { sender: '@zed:s', type: 'm.room.message', content: '{"body":"ü"}', reason: 'links' };
  return { held_id, channel_id: 'ch_1', room_id: '!a:s', ...message, state: 'pending', created_at, expires_at };
}

describe('the store of live rooms', () => {
  let database: TestEngine;
  let storage: Storage;
  beforeEach(async () => {
    database = await migratedEngine();
    storage = await openTestStorage(database, { areas: [liveArea] });
  });
  afterEach(async () => {
    await storage.close();
    await database.drop();
  });

  const read = <T>(fn: (store: LiveStore) => Promise<T>) => storage.readArea(liveArea, fn);
  const commit = (fill: (set: WriteSet) => void) => {
    const set = new WriteSet();
    fill(set);
    return storage.commit(set);
  };

  it('keeps channels, each once, and moves them from the room that they are in', async () => {
    await commit((set) => set.add('live.channels.insert', CHANNEL));
    await assert.rejects(
      commit((set) => set.add('live.channels.insert', { ...CHANNEL, room_id: '!b:s' })),
      ConflictError,
    );
    await commit((set) => set.add('live.channels.move', { channel_id: 'ch_1', from_room: '!a:s', room_id: '!b:s' }));
    await assert.rejects(
      commit((set) => set.add('live.channels.move', { channel_id: 'ch_1', from_room: '!a:s', room_id: '!c:s' })),
      ConflictError,
    );
    assert.deepEqual(await read((store) => store.channels()), [{ ...CHANNEL, room_id: '!b:s' }]);
  });

  it('keeps one sanction of a kind a user, until its end', async () => {
    const warning = sanction('@zed:s', null, { kind: 'warning' });
    await commit((set) => {
      set.add('live.sanctions.put', sanction('@zed:s', 100, { reason: 'first' }));
      set.add('live.sanctions.put', sanction('@zed:s', 200, { reason: 'second' }));
      set.add('live.sanctions.put', warning);
      set.add('live.sanctions.put', sanction('@amy:s', 50));
    });
    const known = (now: number) => read((store) => store.sanctions(now));
    assert.deepEqual(await known(50), [sanction('@zed:s', 200, { reason: 'second' }), warning]);
    assert.deepEqual(await known(200), [warning]);
    await commit((set) => set.add('live.sanctions.expire', { now: 50 }));
    assert.equal((await known(0)).length, 2);
    await commit((set) => set.add('live.sanctions.remove', { channel_id: 'ch_1', user_id: '@zed:s', kind: 'warning' }));
    assert.equal((await known(0)).length, 1);
  });

  it('keeps terms until they run out or are taken off the list', async () => {
    await commit((set) => {
      for (const row of [term('a', 100), term('b'), term('c')]) set.add('live.terms.put', row);
      set.add('live.terms.put', { ...term('b'), action: 'hold' });
      set.add('live.terms.remove', { channel_id: 'ch_1', pattern: 'c' });
    });
    const patterns = async (now: number) => (await read((store) => store.terms(now))).map((row) => row.pattern);
    assert.deepEqual(await patterns(99), ['a', 'b']);
    assert.deepEqual(await patterns(100), ['b']);
    await commit((set) => set.add('live.terms.expire', { now: 100 }));
    assert.deepEqual(await patterns(0), ['b']);
  });

  it('lets one moderator decide on a message that waits, and nobody when it is too late', async () => {
    await commit((set) => {
      set.add('live.held.insert', held('h2', 2, 100));
      set.add('live.held.insert', held('h1', 1, 100));
    });
    const ids = async (now: number) => (await read((store) => store.held('ch_1', now))).map((row) => row.held_id);
    assert.deepEqual(await ids(50), ['h1', 'h2']);
    const decide = (held_id: string, now: number) =>
      commit((set) => set.add('live.held.decide', { held_id, state: 'allowed', now }));
    await decide('h1', 50);
    await assert.rejects(decide('h1', 50), ConflictError);
    await assert.rejects(decide('h2', 100), ConflictError);
    assert.deepEqual(await ids(50), ['h2']);
    assert.deepEqual(await read((store) => store.heldMessage('h1')), { ...held('h1', 1, 100), state: 'allowed' });
    await commit((set) => set.add('live.held.expire', { now: 100 }));
    assert.equal(await read((store) => store.heldMessage('h1')), undefined);
  });

  it('reads backwards what moderators did', async () => {
    const row = (entry_id: string, created_at: number) => ({
      ...{ channel_id: 'ch_1', created_at, entry_id, by_user: '@mod:s' },
      ...{ action: 'timeout', target: '@zed:s', detail: '{}' },
    });
    await commit((set) => {
      for (const entry of [row('a', 1), row('b', 2), row('c', 2), row('d', 3)]) set.add('live.modLog.insert', entry);
      set.add('live.modLog.insert', { ...row('x', 2), channel_id: 'ch_2' });
    });
    const first = await read((store) => store.modLog('ch_1', undefined, 2));
    assert.deepEqual(first, [row('d', 3), row('c', 2)]);
    const rest = await read((store) => store.modLog('ch_1', first.at(-1), 10));
    assert.deepEqual(rest, [row('b', 2), row('a', 1)]);
    await commit((set) => set.add('live.modLog.trim', { before: 2 }));
    assert.equal((await read((store) => store.modLog('ch_1', undefined, 10))).length, 3);
  });

  it('keeps what ends by itself, what was cleared, who has chatted, and whom the room of moderators has followed', async () => {
    const runOut = { channel_id: 'ch_1', what: 'shield' as const, ends_at: 5 };
    const clearing = { channel_id: 'ch_1', user_id: '@zed:s', place: 7, cleared_at: 1 };
    const room = { channel_id: 'ch_1', room_id: '!m:s', by_user: '@kai:s', created_at: 1, moderators: '[]' };
    const chatted = { channel_id: 'ch_1', user_id: '@zed:s' };
    for (const at of [1, 9]) {
      await commit((set) => {
        set.add('live.runOuts.put', { ...runOut, ends_at: at }).add('live.chatters.note', { ...chatted, first_at: at });
        set.add('live.clearings.put', { ...clearing, cleared_at: at });
        if (at === 1) set.add('live.modRooms.insert', room);
        else set.add('live.modRooms.follow', { channel_id: 'ch_1', moderators: '["@mia:s"]' });
      });
    }
    assert.deepEqual(await read((store) => store.runOuts()), [{ ...runOut, ends_at: 9 }]);
    assert.deepEqual(await read((store) => store.clearings('ch_1')), [{ ...clearing, cleared_at: 9 }]);
    assert.deepEqual(await read((store) => store.modRooms()), [{ ...room, moderators: '["@mia:s"]' }]);
    const has = (user: string) => read((store) => store.hasChatted('ch_1', user));
    assert.deepEqual([await has('@zed:s'), await has('@amy:s')], [true, false]);
    await commit((set) => {
      set.add('live.runOuts.remove', { channel_id: 'ch_1', what: 'shield' });
      set.add('live.clearings.trim', { before: 10 }).add('live.chatters.forget', { user_id: '@zed:s' });
    });
    assert.deepEqual(await read((store) => store.runOuts()), []);
    assert.deepEqual(await read((store) => store.clearings('ch_1')), []);
    assert.equal(await has('@zed:s'), false);
  });

  it('goes into the same write sets as everything else, whole or not at all', async () => {
    await commit((set) => set.add('live.channels.insert', CHANNEL));
    const both = commit((set) => {
      set.add('live.terms.put', term('a'));
      set.add('live.channels.insert', CHANNEL);
    });
    await assert.rejects(both, ConflictError);
    assert.deepEqual(await read((store) => store.terms(0)), []);
  });

  it('knows the devices of those who may use them', async () => {
    const user = (user_id: string, more: object = {}) => ({
      ...{ user_id, password_hash: null, created_at: 1, is_admin: 0, is_guest: 0, suspended: 0, locked: 0 },
      ...{ appservice_id: null, deactivated_at: null, erased: 0, departing: 0, ...more },
    });
    const seen = { display_name: null, last_seen_ts: null, last_seen_ip: null, last_seen_user_agent: null };
    await commit((set) => {
      set.add('users.insert', user('@amy:s')).add('users.insert', user('@bot:s'));
      set.add('users.insert', user('@out:s', { locked: 1 })).add('users.insert', user('@zed:s'));
      for (const [user_id, device_id] of [
        ['@amy:s', 'A'],
        ['@amy:s', 'B'],
        ['@out:s', 'C'],
        ['@zed:s', 'D'],
      ] as const) {
        set.add('devices.insert', { user_id, device_id, created_at: 1, ...seen });
      }
    });
    const rows = await read((store) => store.devicesAmong(['@amy:s', '@bot:s', '@out:s', '@none:s']));
    assert.deepEqual(rows.map(({ user_id, device_id }) => `${user_id} ${device_id}`).sort(), [
      ...['@amy:s A', '@amy:s B', '@bot:s null'],
    ]);
    assert.deepEqual(await read((store) => store.devicesAmong([])), []);
  });
});
