import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, type LiveViewer, startLiveHomeserver } from './live-homeserver.ts';

describe('a channel for members', function () {
  this.timeout(30_000);
  let live: LiveHomeserver;
  let amy: TestUser;
  let zed: TestUser;
  let txn = 0;
  beforeEach(async () => {
    live = await startLiveHomeserver();
    [amy, zed] = [await live.server.register('amy'), await live.server.register('zed')];
  });
  afterEach(() => live.stop());

  const watchable = (viewers: string) => live.kai.ask('PUT', `${KAI}/session`, { viewers });
  const state = async (type: string) =>
    (await live.kai.ask('GET', `/v3/rooms/${live.roomId}/state/${type}`)).body as JsonObject;
  const doors = async () => [
    (await state('m.room.history_visibility'))['history_visibility'],
    (await state('m.room.join_rules'))['join_rule'],
    (await live.server.ask('GET', `/v3/directory/list/room/${live.roomId}`)).body.visibility,
  ];
  const invite = async (user: TestUser) => {
    const invited = await live.kai.ask('POST', `/v3/rooms/${live.roomId}/invite`, { user_id: user.userId });
    assert.equal(invited.status, 200, JSON.stringify(invited.body));
    assert.equal((await user.ask('POST', `/v3/join/${live.roomId}`, {})).status, 200);
  };
  const say = async (body: string, by: TestUser = live.kai) => {
    live.server.clock.advance(1500);
    txn += 1;
    const said = await by.ask('POST', `${KAI}/messages`, { txn: `t${txn}`, body });
    assert.equal(said.status, 200, JSON.stringify(said.body));
    return said.body.event_id as string;
  };
  const isTold = (viewer: LiveViewer, text: string) =>
    viewer.until(({ frames }) => JSON.stringify(frames).includes(text));
  /** Everything by which somebody might read of the channel. */
  const readable = async (user: TestUser | undefined, session: string) => {
    const ask = (path: string) => (user ? user.ask('GET', path) : live.server.ask('GET', path));
    const replay = `${KAI}/sessions/${session}/replay?bucket=0`;
    const paths = [`${KAI}/snapshot`, `${KAI}/pin`, `${KAI}/questions`, `${KAI}/sessions`, KAI, replay];
    const room = user ? [`/v3/rooms/${live.roomId}/messages?dir=b&limit=50`] : [];
    const answers = await Promise.all([...paths, ...room, `${LIVE}/channels?status=live`].map(ask));
    return JSON.stringify(answers.map(({ body }) => body));
  };

  it('is closed in one piece: to those who watch, to Element, in directories, and to whoever comes', async () => {
    const before = await say('hello world');
    const [anonymous, signedIn, member] = [await live.watch(), await live.watch(zed), await live.watch(live.kai)];
    assert.deepEqual(await doors(), ['world_readable', 'public', 'public']);
    assert.equal((await watchable('members')).status, 200);
    assert.deepEqual(await doors(), ['joined', 'invite', 'private']);
    await say('among ourselves');
    assert.deepEqual([await anonymous.closed(), await signedIn.closed()], [4004, 4004]);
    await isTold(member, 'among ourselves');
    for (const viewer of [anonymous, signedIn]) assert.ok(!JSON.stringify(viewer.frames).includes('among ourselves'));
    assert.equal((await live.server.ask('GET', KAI)).status, 404);
    assert.equal((await zed.ask('GET', `${KAI}/events`)).status, 404);
    assert.equal((await zed.ask('POST', `/v3/join/${live.roomId}`, {})).status, 403);
    const refused = await zed.ask('POST', `${KAI}/messages`, { txn: 'x', body: 'let me in' });
    assert.deepEqual([refused.status, refused.body['online.beamify.code']], [403, 'members_only']);
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.why, 'members_only');
    await invite(zed);
    await say('thank you', zed);
    const { chunk } = (await zed.ask('GET', `/v3/rooms/${live.roomId}/messages?dir=b&limit=50`)).body;
    const ids = chunk.map(({ event_id }: JsonObject) => event_id);
    assert.ok(ids.includes(before) && !JSON.stringify(chunk).includes('among ourselves'));
  });

  it('is opened again without a moment in which others are told what was said to members', async () => {
    const { session } = (await live.kai.ask('PUT', `${KAI}/session`, { status: 'live', viewers: 'members' })).body;
    await invite(amy);
    const member = await live.watch(amy);
    const pinned = await say('the secret plan');
    await live.kai.ask('PUT', `${KAI}/pin`, { event_id: pinned });
    await live.kai.ask('POST', `${KAI}/polls`, { question: 'a secret question', answers: ['A', 'B'], seconds: 900 });
    await isTold(member, 'secret question');
    const opening = watchable('anyone');
    const early = await Promise.all([readable(undefined, session.id), live.watch()]);
    assert.equal((await opening).status, 200);
    assert.deepEqual(await doors(), ['world_readable', 'public', 'public']);
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    const late = await live.watch(zed);
    live.server.clock.advance(1000);
    await say('hello world');
    await isTold(late, 'hello world');
    await live.server.restart();
    const seen = [
      early[0],
      ...[early[1], late].map(({ frames }) => JSON.stringify(frames)),
      await readable(undefined, session.id),
      await readable(zed, session.id),
    ];
    for (const text of seen) assert.ok(!text.includes('secret'), text);
    const own = await amy.ask('GET', `${KAI}/sessions/${session.id}/replay?bucket=0`);
    assert.ok(JSON.stringify(own.body).includes('the secret plan'));
    assert.ok(JSON.stringify(own.body).includes('hello world'));
  });

  it('is one, too, where its creator closes the room with Element', async () => {
    await live.kai.ask('PUT', `${KAI}/session`, { status: 'live' });
    const anonymous = await live.watch();
    const set = (type: string, content: JsonObject) =>
      live.kai.ask('PUT', `/v3/rooms/${live.roomId}/state/${type}`, content);
    assert.equal((await set('m.room.join_rules', { join_rule: 'knock' })).status, 200);
    assert.equal((await set('m.room.history_visibility', { history_visibility: 'shared' })).status, 200);
    assert.equal(await anonymous.closed(), 4004);
    assert.equal((await live.server.ask('GET', KAI)).status, 404);
    assert.deepEqual((await live.server.ask('GET', `${LIVE}/channels?status=live`)).body.channels, []);
    await live.server.restart();
    assert.deepEqual((await live.server.ask('GET', `${LIVE}/channels?status=live`)).body.channels, []);
    assert.equal((await live.kai.ask('GET', KAI)).body.viewers, 'members');
    assert.equal((await set('m.room.guest_access', { guest_access: 'can_join' })).status, 403);
    assert.equal((await set('m.room.history_visibility', { history_visibility: 'world_readable' })).status, 200);
    assert.equal((await live.server.ask('GET', KAI)).status, 200);
    const [channel] = (await live.server.ask('GET', `${LIVE}/channels?status=live`)).body.channels;
    assert.equal(channel.viewers, 'anyone');
  });

  it('is opened to chatters as it was, if its creator had not chosen otherwise', async () => {
    const rule = { join_rule: 'knock' };
    await live.kai.ask('PUT', `/v3/rooms/${live.roomId}/state/m.room.join_rules`, rule);
    await watchable('members');
    assert.deepEqual(await doors(), ['joined', 'knock', 'private']);
    await watchable('members');
    await watchable('signed_in');
    assert.deepEqual(await doors(), ['world_readable', 'knock', 'public']);
  });

  it('is made as one, for those who belong to it', async () => {
    const wanted = { handle: 'lea', name: 'Lea', viewers: 'members', moderators: [amy.userId] };
    const { room_id } = (await live.kai.ask('POST', `${LIVE}/channels`, wanted)).body;
    const lea = `${LIVE}/channels/lea`;
    assert.equal((await zed.ask('GET', lea)).status, 404);
    assert.equal((await zed.ask('POST', `/v3/join/${room_id}`, {})).status, 403);
    const rooms = (await zed.ask('GET', '/v3/publicRooms')).body.chunk.map((room: JsonObject) => room['room_id']);
    assert.ok(!rooms.includes(room_id) && rooms.includes(live.roomId));
    assert.equal((await amy.ask('POST', `${lea}/announcements`, { body: 'Welcome' })).status, 200);
    assert.equal((await amy.ask('GET', lea)).body.viewers, 'members');
    assert.equal((await live.kai.ask('POST', `${lea}/rollover`, {})).status, 200);
    assert.equal((await zed.ask('GET', lea)).status, 404);
    assert.equal((await live.kai.ask('PUT', `${lea}/session`, { viewers: 'anyone' })).status, 200);
    assert.equal((await zed.ask('POST', `${lea}/messages`, { txn: '1', body: 'hello' })).status, 200);
  });
});
