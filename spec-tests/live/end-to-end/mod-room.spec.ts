import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('the private room of moderators', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let mia: TestUser;
  let zed: TestUser;
  let room: string;

  beforeEach(async () => {
    live = await startLiveHomeserver({ rooms: { encrypt_by_default: 'all' } });
    [mia, zed] = [await live.server.register('mia'), await live.server.register('zed')];
    const opened = await live.kai.ask('POST', `${KAI}/mod_room`);
    assert.equal(opened.status, 200, JSON.stringify(opened.body));
    room = opened.body.room_id;
  });
  afterEach(() => live.stop());

  /** What is done there is done soon. */
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
  };
  const state = async (type: string, of = room) =>
    (await live.kai.ask('GET', `/v3/rooms/${of}/state/${type}/`)).body as JsonObject;
  const membership = async (user: TestUser) => {
    const { chunk } = (await live.kai.ask('GET', `/v3/rooms/${room}/members`)).body;
    return chunk.find(({ state_key }: JsonObject) => state_key === user.userId)?.content.membership;
  };
  const setLevel = async (user: TestUser, level: number) => {
    const levels = await state('m.room.power_levels', live.roomId);
    const content = { ...levels, users: { ...(levels['users'] as JsonObject), [user.userId]: level } };
    const { status } = await live.kai.ask('PUT', `/v3/rooms/${live.roomId}/state/m.room.power_levels/`, content);
    assert.equal(status, 200);
  };
  const written = async (): Promise<JsonObject[]> => {
    const { chunk } = (await live.kai.ask('GET', `/v3/rooms/${room}/messages?dir=b&limit=50`)).body;
    return chunk
      .map(({ content }: JsonObject) => (content as JsonObject)['online.beamify.mod.log'])
      .filter((entry: unknown) => entry !== undefined);
  };

  it('is made by the streamer, once, for those who are invited, and not encrypted', async () => {
    assert.equal((await zed.ask('POST', `${KAI}/mod_room`)).status, 403);
    assert.equal((await live.kai.ask('POST', `${KAI}/mod_room`)).body.room_id, room);
    assert.equal((await state('m.room.join_rules'))['join_rule'], 'invite');
    assert.equal(await membership(live.kai), 'join');
    for (const of of [room, live.roomId]) {
      assert.equal((await state('m.room.encryption', of))['errcode'], 'M_NOT_FOUND');
    }
    assert.equal((await zed.ask('POST', `/v3/join/${room}`)).status, 403);
    await live.server.restart();
    assert.equal((await live.kai.ask('POST', `${KAI}/mod_room`)).body.room_id, room);
  });

  it('has those who moderate come in when they are appointed, and go when they are no longer', async () => {
    await setLevel(mia, 50);
    await until(async () => (await membership(mia)) === 'invite');
    assert.equal((await mia.ask('POST', `/v3/join/${room}`)).status, 200);
    await setLevel(zed, 10);
    await setLevel(mia, 0);
    await until(async () => (await membership(mia)) === 'leave');
    assert.equal(await membership(zed), undefined);
    await setLevel(mia, 50);
    await until(async () => (await membership(mia)) === 'invite');
    await live.kai.ask('POST', `/v3/rooms/${live.roomId}/ban`, { user_id: mia.userId });
    await until(async () => (await membership(mia)) === 'leave');
  });

  it('goes on after a start with what it had not done, and leaves alone who came or went by other means', async () => {
    await setLevel(mia, 50);
    await until(async () => (await membership(mia)) === 'invite');
    await mia.ask('POST', `/v3/join/${room}`);
    const friend = await live.server.register('friend');
    await live.kai.ask('POST', `/v3/rooms/${room}/invite`, { user_id: friend.userId });
    const { membership: present, live: services } = live.server.homeserver.services;
    const set = present.set.bind(present);
    Object.assign(present, { set: () => Promise.reject(new Error('the server was killed')) });
    await setLevel(mia, 0);
    await setLevel(zed, 50);
    await services.modRooms.settled();
    Object.assign(present, { set });
    assert.deepEqual([await membership(mia), await membership(zed)], ['join', undefined]);
    await live.server.restart();
    await until(async () => (await membership(zed)) === 'invite' && (await membership(mia)) === 'leave');
    assert.equal(await membership(friend), 'invite');
    await zed.ask('POST', `/v3/rooms/${room}/leave`);
    await live.server.restart();
    await live.server.homeserver.services.live.modRooms.settled();
    assert.equal(await membership(zed), 'leave');
  });

  it('is told what they do by any client, until it is parted from the channel', async () => {
    await setLevel(mia, 50);
    await mia.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60, reason: 'spam' });
    await live.kai.ask('POST', `/v3/rooms/${live.roomId}/ban`, { user_id: zed.userId, reason: 'more spam' });
    await until(async () => (await written()).length === 2);
    const lines = (await written()).reverse().map(({ by, action, target, channel }) => [by, action, target, channel]);
    assert.deepEqual(lines, [
      [mia.userId, 'timeout', zed.userId, 'kai'],
      [live.kai.userId, 'ban', zed.userId, 'kai'],
    ]);
    const { chunk } = (await live.kai.ask('GET', `/v3/rooms/${room}/messages?dir=b&limit=1`)).body;
    assert.equal(chunk[0].content.body, `${live.kai.userId}: ban ${zed.userId} (more spam)`);
    assert.equal((await mia.ask('DELETE', `${KAI}/mod_room`)).status, 403);
    assert.equal((await live.kai.ask('DELETE', `${KAI}/mod_room`)).status, 200);
    await live.kai.ask('POST', `${KAI}/announcements`, { body: 'hello' });
    const { entries } = (await live.kai.ask('GET', `${KAI}/modlog`)).body;
    assert.ok(entries.some(({ action }: JsonObject) => action === 'announce'));
    await live.server.restart();
    const last = (await written()).map(({ action }) => action);
    assert.deepEqual(last, ['mod_room.close', 'ban', 'timeout'], 'what came after is in the log of the channel alone');
    assert.notEqual((await live.kai.ask('POST', `${KAI}/mod_room`)).body.room_id, room);
  });
});
