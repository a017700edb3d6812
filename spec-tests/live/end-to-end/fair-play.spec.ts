import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('what nobody gets away with in a channel', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  let txn = 0;
  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
  });
  afterEach(() => live.stop());

  /** By the room, as with Element. */
  const send = async (user: TestUser, type: string, content: JsonObject) => {
    live.server.clock.advance(1500);
    txn += 1;
    return user.ask('PUT', `/v3/rooms/${live.roomId}/send/${type}/t${txn}`, content);
  };
  const edit = (event_id: unknown, body: string) => ({
    ...{ msgtype: 'm.text', body: `* ${body}`, 'm.new_content': { msgtype: 'm.text', body } },
    'm.relates_to': { rel_type: 'm.replace', event_id: String(event_id) },
  });
  const logged = async () =>
    (await live.kai.ask('GET', `${KAI}/modlog`)).body.entries.map(({ action }: JsonObject) => action);

  it('edits what somebody else has said', async () => {
    const [streamer, anonymous] = [await live.watch(live.kai), await live.watch()];
    const said = await streamer.say('welcome');
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    assert.equal((await send(zed, 'm.room.message', edit(said['event_id'], 'send me your money'))).status, 200);
    assert.equal((await send(live.kai, 'm.room.message', edit(said['event_id'], 'welcome!'))).status, 200);
    await anonymous.entry('ed');
    assert.deepEqual(
      anonymous.entries('ed').map(({ tx }) => tx),
      ['welcome!'],
    );
    assert.ok(!JSON.stringify(anonymous.frames).includes('money'));
    await live.pass(61_000);
    await send(live.kai, 'm.room.message', edit(said['event_id'], 'much later'));
    const last = await send(live.kai, 'm.room.message', { msgtype: 'm.text', body: 'the last word' });
    await anonymous.until(({ frames }) => JSON.stringify(frames).includes('the last word'));
    assert.equal(last.status, 200);
    assert.equal(anonymous.entries('ed').length, 1);
  });

  it('ends the poll of the moderators', async () => {
    const { poll_id } = (
      await live.kai.ask('POST', `${KAI}/polls`, { question: 'Next?', answers: ['A', 'B'], seconds: 60 })
    ).body;
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    const end = { 'm.relates_to': { rel_type: 'm.reference', event_id: poll_id }, body: 'B has won' };
    for (const type of ['org.matrix.msc3381.poll.end', 'm.poll.end']) {
      assert.equal((await send(zed, type, end)).status, 403, type);
    }
    assert.equal((await live.server.ask('GET', `${KAI}/snapshot`)).body.polls.length, 1);
    assert.equal((await send(live.kai, 'org.matrix.msc3381.poll.end', end)).status, 200);
    assert.deepEqual((await live.server.ask('GET', `${KAI}/snapshot`)).body.polls, []);
  });

  it('votes while it is timed out or banned', async () => {
    const { poll_id } = (
      await live.kai.ask('POST', `${KAI}/polls`, { question: 'Next?', answers: ['A', 'B'], seconds: 600 })
    ).body;
    const vote = () => zed.ask('PUT', `${KAI}/polls/${encodeURIComponent(poll_id)}/vote`, { answer: 0 });
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    assert.equal((await vote()).body['online.beamify.code'], 'timed_out');
    await live.kai.ask('DELETE', `${KAI}/timeouts/${zed.userId}`);
    assert.equal((await vote()).status, 200);
    await live.kai.ask('POST', `${KAI}/bans`, { user: zed.userId });
    assert.equal((await vote()).body['online.beamify.code'], 'banned');
  });

  it('takes the marker, the policy or the settings of the room out, though it may delete messages', async () => {
    const path = `/v3/rooms/${live.roomId}/state`;
    const levels = (await live.kai.ask('GET', `${path}/m.room.power_levels`)).body;
    const users = { ...levels.users, [zed.userId]: 50 };
    await live.kai.ask('PUT', `${path}/m.room.power_levels`, { ...levels, users });
    await zed.ask('POST', `/v3/join/${live.roomId}`, {});
    const state = (await live.kai.ask('GET', path)).body as JsonObject[];
    for (const type of ['online.beamify.live', 'm.room.policy', 'm.room.history_visibility']) {
      const id = encodeURIComponent(String(state.find((event) => event['type'] === type)?.['event_id']));
      const refused = await zed.ask('PUT', `/v3/rooms/${live.roomId}/redact/${id}/r${type}`, {});
      assert.deepEqual([refused.status, refused.body['online.beamify.code']], [403, 'wrong_type'], type);
    }
    const said = await (await live.watch(live.kai)).say('a slip');
    const id = encodeURIComponent(String(said['event_id']));
    assert.equal((await zed.ask('PUT', `/v3/rooms/${live.roomId}/redact/${id}/own`, {})).status, 200);
  });

  it('leaves the channel behind in a room where nobody can chat, be it its streamer', async () => {
    const path = `/v3/rooms/${live.roomId}/state/m.room.tombstone`;
    const refused = await live.kai.ask('PUT', path, { body: 'gone', replacement_room: '!other:test.example' });
    assert.deepEqual([refused.status, refused.body['online.beamify.code']], [403, 'wrong_type']);
    assert.notEqual(
      (await live.kai.ask('POST', `/v3/rooms/${live.roomId}/upgrade`, { new_version: '12' })).status,
      200,
    );
    assert.equal((await (await live.watch(zed)).say('still here'))['op'], 'ok');
  });

  it('keeps all others waiting before the moderators, or asks again and again', async () => {
    await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern: 'meh', action: 'hold' });
    const chatter = await live.watch(zed);
    const codes = [];
    for (let n = 0; n < 7; n++) {
      live.server.clock.advance(1500);
      codes.push((await chatter.say(`meh ${n}`, `m${n}`))['code']);
    }
    assert.deepEqual(codes, [...Array.from({ length: 5 }, () => 'held'), 'room_busy', 'room_busy']);
    await live.kai.ask('POST', `${KAI}/bans`, { user: zed.userId });
    const ask = async () => (await zed.ask('POST', `${KAI}/unban_requests`, { message: 'please' })).status;
    assert.equal(await ask(), 200);
    const [request] = (await live.kai.ask('GET', `${KAI}/unban_requests`)).body.requests;
    await live.kai.ask('POST', `${KAI}/unban_requests/${request.id}`, { action: 'deny' });
    assert.equal(await ask(), 403);
    await live.pass(5000);
    live.server.clock.advance(86_400_000);
    assert.equal(await ask(), 200);
  });

  it('chats after a time-out that came while it was on its way in', async () => {
    await live.stop();
    live = await startLiveHomeserver({ live: { joins_per_second: 1 } });
    zed = await live.server.register('zed');
    const amy = await live.server.register('amy');
    const [first, second] = [await live.watch(amy), await live.watch(zed)];
    assert.equal((await first.say('I am in'))['op'], 'ok');
    const waiting = second.say('let me in, too');
    await second.ask('react', { k: '🔥' });
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    live.server.clock.advance(1000);
    assert.equal((await waiting)['code'], 'timed_out');
    assert.ok(!JSON.stringify((await live.watch()).frames).includes('let me in'));
  });

  it('fills the log of the moderators with warnings that nobody gave', async () => {
    assert.equal((await (await live.watch(zed)).ask('ack'))['op'], 'ok');
    assert.deepEqual(await logged(), []);
  });

  it('is kept from reacting, voting or taking back what it said by slow mode or a time-out', async () => {
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 600, first_time: 'allow' } });
    const said = await (await live.watch(zed)).say('hello');
    const annotation = (key: string) => ({
      'm.relates_to': { rel_type: 'm.annotation', event_id: String(said['event_id']), key },
    });
    assert.equal((await send(zed, 'm.reaction', annotation('🔥'))).status, 200);
    assert.equal((await send(zed, 'm.reaction', annotation('❤'))).status, 200);
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60 });
    assert.equal((await send(zed, 'm.reaction', annotation('👏'))).body['online.beamify.code'], 'timed_out');
    const redact = `/v3/rooms/${live.roomId}/redact/${encodeURIComponent(String(said['event_id']))}`;
    assert.equal((await zed.ask('PUT', `${redact}/a`, { reason: 'you are all wrong' })).status, 403);
    assert.equal((await zed.ask('PUT', `${redact}/b`, {})).status, 200);
  });
});
