import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('mutual rooms', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let both: string;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    const made: string[] = [];
    for (let i = 0; i < 4; i++) {
      made.push((await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id);
    }
    const [first, left, invited] = made as [string, string, string, string];
    both = first;
    await bob.ask('POST', `/v3/join/${first}`, {});
    await bob.ask('POST', `/v3/join/${left}`, {});
    await bob.ask('POST', `/v3/rooms/${left}/leave`, {});
    await alice.ask('POST', `/v3/rooms/${invited}/invite`, { user_id: bob.userId });
  });
  after(() => server.stop());

  const ask = (who: TestUser, query: string, path = '/v1/mutual_rooms') => who.ask('GET', `${path}?${query}`);

  it('are those that both are in', async () => {
    assert.deepEqual((await ask(alice, `user_id=${bob.userId}`)).body, { joined: [both], count: 1 });
    for (const old of ['/v1/user/mutual_rooms', '/unstable/uk.half-shot.msc2666/user/mutual_rooms']) {
      assert.deepEqual((await ask(bob, `user_id=${alice.userId}`, old)).body, { joined: [both], count: 1 });
    }
    assert.deepEqual((await ask(alice, 'user_id=@nobody:elsewhere.example')).body, { joined: [], count: 0 });
  });

  it('are those with somebody else', async () => {
    for (const query of [`user_id=${alice.userId}`, 'user_id=bob', `user_id=${bob.userId}&from=x`]) {
      const { status, body } = await ask(alice, query);
      assert.deepEqual([status, body.errcode], [400, 'M_INVALID_PARAM'], query);
    }
    assert.equal((await ask(alice, '')).body.errcode, 'M_MISSING_PARAM');
  });
});
