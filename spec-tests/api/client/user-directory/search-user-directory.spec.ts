import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('the user directory', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let people = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  after(() => server.stop());

  /** Somebody with a name, in a room of Alice if one is given. */
  async function somebody(name: string, localpart?: string, roomId?: string): Promise<TestUser> {
    people += 1;
    const user = await server.register(localpart ?? `u${people}`);
    await user.ask('PUT', `/v3/profile/${user.userId}/displayname`, { displayname: name });
    if (roomId !== undefined) await meet(user, roomId);
    return user;
  }
  async function meet(user: TestUser, roomId: string) {
    await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: user.userId });
    await user.ask('POST', `/v3/rooms/${roomId}/join`, {});
  }
  const room = async (user: TestUser, preset = 'private_chat'): Promise<string> =>
    (await user.ask('POST', '/v3/createRoom', { preset })).body.room_id;
  async function found(term: string, limit?: number, who = alice): Promise<string[]> {
    const { body } = await who.ask('POST', '/v3/user_directory/search', { search_term: term, limit });
    return body.results.map((user: { user_id: string }) => user.user_id);
  }

  it('finds who shares a room, by the beginning of any word of name or id, whatever the case', async () => {
    const roomId = await room(alice);
    const zoe = await somebody('Zoë van der Berg', 'zb_work', roomId);
    for (const term of ['zoe', 'ZOË', 'ber', 'Berg zo', 'zb', 'work', '@zb_work', '@zb_work:test', zoe.userId]) {
      assert.deepEqual(await found(term), [zoe.userId], term);
    }
    for (const term of ['oe', 'erg', 'zoe smith', '@work:test', '', '@', '%', '_']) {
      assert.deepEqual(await found(term), [], term);
    }
  });

  it('tells name and picture, and finds by the present name', async () => {
    const roomId = await room(alice);
    const user = await somebody('Quentin', undefined, roomId);
    await user.ask('PUT', `/v3/profile/${user.userId}/avatar_url`, { avatar_url: 'mxc://test.example/q' });
    const { body } = await alice.ask('POST', '/v3/user_directory/search', { search_term: 'quent' });
    assert.deepEqual(body, {
      results: [{ user_id: user.userId, display_name: 'Quentin', avatar_url: 'mxc://test.example/q' }],
      limited: false,
    });
    await user.ask('PUT', `/v3/profile/${user.userId}/displayname`, { displayname: 'Tarantino' });
    assert.deepEqual([await found('quent'), await found('taran')], [[], [user.userId]]);
    await user.ask('DELETE', `/v3/profile/${user.userId}/displayname`);
    assert.deepEqual(await found('taran'), []);
  });

  it('finds those in rooms that are open to everybody, as long as they are', async () => {
    const host = await somebody('Hubert Host');
    assert.deepEqual(await found('hubert'), []);
    const roomId = await room(host, 'public_chat');
    assert.deepEqual(await found('hubert'), [host.userId]);
    const set = (type: string, content: object) => host.ask('PUT', `/v3/rooms/${roomId}/state/${type}/`, content);
    await set('m.room.join_rules', { join_rule: 'invite' });
    assert.deepEqual(await found('hubert'), []);
    await set('m.room.history_visibility', { history_visibility: 'world_readable' });
    assert.deepEqual(await found('hubert'), [host.userId]);
    await host.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.deepEqual(await found('hubert'), []);
  });

  it('does not find strangers, those who are only invited, those who have left, and oneself', async () => {
    const roomId = await room(alice);
    const user = await somebody('Ingrid');
    await room(user);
    await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: user.userId });
    assert.deepEqual(await found('ingrid'), []);
    await user.ask('POST', `/v3/rooms/${roomId}/join`, {});
    assert.deepEqual(await found('ingrid'), [user.userId]);
    assert.deepEqual(await found('ingrid', 10, user), []);
    await user.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.deepEqual(await found('ingrid'), []);
  });

  it('puts first whose whole name it is, and says when there are more', async () => {
    const roomId = await room(alice);
    const long = await somebody('Maximilian', undefined, roomId);
    const second = await somebody('Otto Max', undefined, roomId);
    const exact = await somebody('Max', undefined, roomId);
    assert.deepEqual(await found('max'), [exact.userId, long.userId, second.userId]);
    const { body } = await alice.ask('POST', '/v3/user_directory/search', { search_term: 'max', limit: 1 });
    assert.deepEqual([body.results.length, body.limited], [1, true]);
    assert.deepEqual(await found('max', 0), []);
  });

  it('forgets who has deactivated their account', async () => {
    const roomId = await room(alice);
    const user = await somebody('Nobody Soon', undefined, roomId);
    assert.deepEqual(await found('nobody'), [user.userId]);
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: user.userId },
      password: 'correct horse battery staple',
    };
    assert.equal((await user.ask('POST', '/v3/account/deactivate', { auth })).status, 200);
    assert.deepEqual(await found('nobody'), []);
  });

  it('refuses what is no search', async () => {
    const ask = async (body: object) => (await alice.ask('POST', '/v3/user_directory/search', body)).body.errcode;
    assert.equal(await ask({}), 'M_MISSING_PARAM');
    assert.equal(await ask({ search_term: 5 }), 'M_BAD_JSON');
    assert.equal(await ask({ search_term: 'x', limit: -1 }), 'M_BAD_JSON');
  });
});

describe('The reach of the user directory', () => {
  for (const [shows, expected] of [
    ['shared', ['friend']],
    ['public', ['crowd', 'friend']],
    ['everybody', ['alone', 'crowd', 'friend']],
  ] as const) {
    it(`finds those it is configured to show: ${shows}`, async () => {
      const server = await startTestHomeserver({ user_directory: { shows } });
      try {
        const alice = await server.register('alice');
        const everyone = new Map<string, TestUser>();
        for (const name of ['friend', 'crowd', 'alone']) everyone.set(name, await server.register(`zoe-${name}`));
        const shared = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
        await everyone.get('friend')?.ask('POST', `/v3/rooms/${encodeURIComponent(shared)}/join`, {});
        await everyone.get('crowd')?.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
        const { body } = await alice.ask('POST', '/v3/user_directory/search', { search_term: 'zoe' });
        const names = body.results.map(
          ({ user_id: id }: { user_id: string }) => id.slice('@zoe-'.length).split(':')[0],
        );
        assert.deepEqual(names.toSorted(), expected);
      } finally {
        await server.stop();
      }
    });
  }
});
