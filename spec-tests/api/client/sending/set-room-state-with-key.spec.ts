import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('setting state', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', room_version: '11' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`, {});
  });
  after(() => server.stop());

  async function outcome(user: TestUser, path: string, body: unknown) {
    const answer = await user.ask('PUT', `/v3/rooms/${roomId}/state/${path}`, body);
    return [answer.status, answer.body.errcode];
  }

  it('tells those who may not from those who say it wrongly', async () => {
    const bad = [{ users: { [alice.userId]: '100' } }, { users: 5 }, { events: { x: 1, y: '2' } }, { ban: '50' }];
    for (const content of bad) {
      assert.deepEqual(await outcome(alice, 'm.room.power_levels', content), [400, 'M_BAD_JSON']);
      assert.deepEqual(await outcome(bob, 'm.room.power_levels', content), [403, 'M_FORBIDDEN']);
    }
  });

  it('refuses state that is another user’s, a second create event and a membership that there is not', async () => {
    assert.deepEqual(await outcome(alice, `org.example.own/${bob.userId}`, {}), [403, 'M_FORBIDDEN']);
    assert.deepEqual(await outcome(alice, 'm.room.create', {}), [400, 'M_BAD_JSON']);
    assert.deepEqual(await outcome(alice, `m.room.member/${alice.userId}`, { membership: 'x' }), [400, 'M_BAD_JSON']);
    assert.deepEqual(await outcome(alice, 'm.room.member/nobody', { membership: 'invite' }), [400, 'M_INVALID_PARAM']);
  });

  it('needs a body', async () => {
    assert.deepEqual(await outcome(alice, 'm.room.topic', ''), [400, 'M_NOT_JSON']);
  });

  it('sends the same state once, and each state of one’s own under one’s own key', async () => {
    const set = (n: number) => bob.ask('PUT', `/v3/rooms/${roomId}/state/org.example.own/${bob.userId}`, { n });
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.power_levels/`, {
      users: { [alice.userId]: 100 },
      events: { 'org.example.own': 0 },
    });
    const first = await set(1);
    assert.equal(first.status, 200);
    assert.equal((await set(1)).body.event_id, first.body.event_id);
    assert.notEqual((await set(2)).body.event_id, first.body.event_id);
  });
});
