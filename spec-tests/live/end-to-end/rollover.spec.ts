import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, type LiveViewer, startLiveHomeserver } from './live-homeserver.ts';

describe('a channel whose room has grown too large', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let users: TestUser[];
  let anonymous: LiveViewer;
  let said: string[];

  beforeEach(async () => {
    live = await startLiveHomeserver({ live: { rollover_members: 3, idle_time: '1h' } });
    users = [await live.server.register('zed'), await live.server.register('amy')];
    anonymous = await live.watch();
    said = [];
    for (const user of users) {
      const viewer = await live.watch(user);
      said.push(String((await viewer.say('hello'))['id']));
      live.server.clock.advance(1500);
    }
    await anonymous.until(({ messages }) => said.every((id) => messages.includes(id)));
  });
  afterEach(() => live.stop());

  /** Waits for the channel to move on by itself; answers its new room. */
  const moved = async (): Promise<string> => {
    const isNew = ({ op, room }: JsonObject) => op === 'joined' && room !== live.roomId;
    await live.pass(60_000);
    await anonymous.until(({ frames }) => frames.some(isNew));
    return String(anonymous.frames.find(isNew)?.['room']);
  };
  const snapshot = () => anonymous.frames.filter(({ op }) => op === 'snap').at(-1)!;
  const ids = (frame: JsonObject) => (frame['ev'] as JsonObject[]).map(({ id }) => id);

  it('goes on in another, where viewers see what was said last and what is said next', async () => {
    const room = await moved();
    await anonymous.until(({ frames }) => frames.filter(({ op }) => op === 'snap').length === 2);
    assert.deepEqual(ids(snapshot()), said);
    assert.equal(anonymous.closeCode, undefined);
    const { event_id } = (await users[0]!.ask('POST', `${KAI}/messages`, { txn: 'new', body: 'in the new room' })).body;
    await anonymous.until(({ messages }) => messages.includes(event_id.slice(0, 11)));
    const members = (await live.kai.ask('GET', `/v3/rooms/${room}/joined_members`)).body.joined;
    assert.ok(members[users[0]!.userId] && !members[users[1]!.userId], 'who chats joins, and nobody else');
    assert.equal((await live.server.ask('GET', KAI)).body.room_id, room);
  });

  it('takes its alias along, and leaves a room in which nobody chats any more', async () => {
    const room = await moved();
    const alias = encodeURIComponent('#kai:test.example');
    assert.equal((await live.server.ask('GET', `/v3/directory/room/${alias}`)).body.room_id, room);
    const path = `/v3/rooms/${live.roomId}/send/m.room.message/late`;
    const late = await users[0]!.ask('PUT', path, { msgtype: 'm.text', body: 'anybody here?' });
    assert.deepEqual([late.status, late.body.errcode], [403, 'M_FORBIDDEN']);
    await live.pass(120_000);
    assert.equal((await live.server.ask('GET', KAI)).body.room_id, room, 'the new room is small');
  });

  it('still takes out what was said before', async () => {
    await moved();
    const deleted = await live.kai.ask('DELETE', `${KAI}/messages/${encodeURIComponent(said[0]!)}`);
    assert.equal(deleted.status, 200, JSON.stringify(deleted.body));
    await anonymous.until((viewer) => viewer.entries('d').some(({ id }) => id === said[0]));
    live.server.clock.advance(1500);
    assert.deepEqual(ids((await live.server.ask('GET', `${KAI}/snapshot`)).body), [said[1]]);
  });

  it('takes answers to what was said before', async () => {
    const room = await moved();
    const chatter = await live.watch(users[0]!);
    live.server.clock.advance(1500);
    const answer = await chatter.ask('send', { body: 'me too', txn: 'answer', reply: said[1]! });
    assert.equal(answer['op'], 'ok', JSON.stringify(answer));
    const path = `/v3/rooms/${room}/event/${encodeURIComponent(String(answer['event_id']))}`;
    const { content } = (await users[0]!.ask('GET', path)).body;
    assert.ok(content['m.relates_to']['m.in_reply_to'].event_id.startsWith(said[1]));
  });

  it('lets nobody in or read who might not have done so before, and those who were there come along', async () => {
    const { kai, roomId, server } = live;
    const stranger = await server.register('eve');
    const sender = '@_live:test.example';
    const set = (type: string, content: JsonObject) =>
      server.homeserver.services.timeline.send(roomId, { type, sender, stateKey: '', content }, { isAdmitted: true });
    const acl = { allow: ['*'], deny: ['evil.example'], allow_ip_literals: false };
    const states: readonly (readonly [string, JsonObject])[] = [
      ['m.room.server_acl', acl],
      ['m.room.history_visibility', { history_visibility: 'shared' }],
      ['m.room.join_rules', { join_rule: 'invite' }],
      ['m.room.name', { name: 'Kai, among friends' }],
    ];
    for (const [type, content] of states) await set(type, content);
    assert.equal(await anonymous.closed(), 4004);
    const member = await live.watch(users[0]!);
    const moved = await kai.ask('POST', `${KAI}/rollover`, {});
    assert.equal(moved.status, 200, JSON.stringify(moved.body));
    const next = (await kai.ask('GET', KAI)).body.room_id;
    assert.notEqual(next, roomId);
    for (const [type, content] of states.filter(([name]) => name !== 'm.room.join_rules')) {
      assert.deepEqual((await kai.ask('GET', `/v3/rooms/${next}/state/${type}/`)).body, content, type);
    }
    await member.until(({ frames }) => frames.some(({ op, room }) => op === 'joined' && room === next));
    assert.equal((await stranger.ask('GET', `${KAI}/snapshot`)).status, 404);
    assert.equal((await stranger.ask('POST', `/v3/join/${next}`, {})).status, 403);
    assert.equal((await users[0]!.ask('POST', `/v3/join/${next}`, {})).status, 200);
    await users[0]!.ask('POST', `/v3/rooms/${next}/leave`, {});
    assert.equal(await member.closed(), 4004, 'of whoever leaves it does not count that they were there before');
    assert.equal((await users[0]!.ask('GET', `${KAI}/snapshot`)).status, 404);
    assert.equal((await users[0]!.ask('POST', `/v3/join/${next}`, {})).status, 200);
    assert.equal((await server.ask('GET', `${KAI}/snapshot`)).status, 404);
    const snapshot = await users[0]!.ask('GET', `${KAI}/snapshot`);
    assert.deepEqual([snapshot.status, snapshot.headers.get('cache-control')], [200, 'private, no-store']);
  });

  it('takes along what moderators do while it is moved', async () => {
    const { kai, server } = live;
    const { live: services, membership } = server.homeserver.services;
    const eve = await server.register('eve');
    const carry = services.liveChannels.carry.bind(services.liveChannels);
    let isFirst = true;
    Object.assign(services.liveChannels, {
      async carry(...parts: Parameters<typeof carry>) {
        if (isFirst) await membership.ban(kai.userId, live.roomId, eve.userId);
        isFirst = false;
        return carry(...parts);
      },
    });
    const { room_id } = (await kai.ask('POST', `${KAI}/rollover`, {})).body;
    assert.ok(!isFirst);
    const member = (await kai.ask('GET', `/v3/rooms/${room_id}/state/m.room.member/${eve.userId}`)).body;
    assert.equal(member.membership, 'ban');
  });

  it('goes on a raid that began before, and lowers a shield that was up', async () => {
    const { kai, server } = live;
    await kai.ask('POST', `/unstable/online.beamify/live/channels`, { handle: 'lea', name: 'Lea' });
    await kai.ask('PUT', `${KAI}/shield`, { active: true, seconds: 30 });
    await kai.ask('POST', `${KAI}/raid`, { to: 'lea' });
    await kai.ask('POST', `${KAI}/rollover`, {});
    await live.pass(95_000);
    assert.equal(((await anonymous.entry('nt'))['nt'] as JsonObject)['kind'], 'raid');
    assert.equal((await server.ask('GET', KAI)).body.shield.active, false);
  });

  it('ends the polls that began before', async () => {
    const poll = { question: 'Next?', answers: ['A', 'B'], seconds: 600 };
    const { poll_id } = (await live.kai.ask('POST', `${KAI}/polls`, poll)).body;
    await moved();
    await live.kai.ask('PUT', `${KAI}/polls/${encodeURIComponent(poll_id)}/vote`, { answer: 1 });
    assert.equal((await live.kai.ask('POST', `${KAI}/polls/${encodeURIComponent(poll_id)}/end`)).status, 200);
    const { poll: ended, counts } = await anonymous.entry('pe');
    assert.deepEqual([ended, counts], [poll_id, [0, 1]]);
    const next = (await live.kai.ask('POST', `${KAI}/polls`, { ...poll, question: 'And then?' })).body.poll_id;
    await live.kai.ask('POST', `${KAI}/rollover`, {});
    await live.server.restart();
    const over = await live.kai.ask('POST', `${KAI}/polls/${encodeURIComponent(next)}/end`);
    assert.equal(over.status, 200, JSON.stringify(over.body));
  });
});
