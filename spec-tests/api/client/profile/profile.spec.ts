import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('profiles', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  const put = (field: string, body: object) => alice.ask('PUT', `/v3/profile/${alice.userId}/${field}`, body);
  const read = async (path = '') => (await server.ask('GET', `/v3/profile/${alice.userId}${path}`)).body;

  let count = 0;

  before(async () => {
    server = await startTestHomeserver();
    bob = await server.register('bob');
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
  });

  for (const [field, value] of [
    ['displayname', 'Alice in Chains'],
    ['avatar_url', 'mxc://test.example/abc'],
    ['m.tz', 'Europe/London'],
    ['org.example.thing', { deep: [1, null, 'x'] }],
    ['org.example.nothing', null],
  ] as const) {
    it(`keep ${field}, and everybody can read it`, async () => {
      assert.deepEqual((await put(field, { [field]: value })).body, {});
      assert.deepEqual(await read(`/${field}`), { [field]: value });
      await server.restart();
      assert.deepEqual((await read())[field], value);
    });
  }

  it('are served under the oldest path, too', async () => {
    await alice.ask('PUT', `/r0/profile/${alice.userId}/displayname`, { displayname: 'A' });
    assert.deepEqual((await server.ask('GET', `/r0/profile/${alice.userId}/displayname`)).body, { displayname: 'A' });
  });

  it('lose a field that is deleted', async () => {
    await put('m.tz', { 'm.tz': 'UTC' });
    assert.deepEqual((await alice.ask('DELETE', `/v3/profile/${alice.userId}/m.tz`)).body, {});
    assert.deepEqual((await alice.ask('DELETE', `/v3/profile/${alice.userId}/m.tz`)).body, {});
    assert.equal((await read('/m.tz')).errcode, 'M_NOT_FOUND');
  });

  it('lose a name or picture that is set to nothing', async () => {
    await put('avatar_url', { avatar_url: 'mxc://test.example/abc' });
    await put('avatar_url', { avatar_url: '' });
    await put('displayname', { displayname: '' });
    assert.deepEqual(await read(), {});
  });

  it('keep a picture that is no address at all as it is', async () => {
    await put('avatar_url', { avatar_url: 'picture' });
    assert.equal((await read()).avatar_url, 'picture');
    await put('avatar_url', { avatar_url: '' });
  });

  for (const [what, field, body, errcode] of [
    ['a number as name', 'displayname', { displayname: 1 }, 'M_BAD_JSON'],
    ['null as name', 'displayname', { displayname: null }, 'M_BAD_JSON'],
    ['a very long name', 'displayname', { displayname: 'x'.repeat(257) }, 'M_INVALID_PARAM'],
    ['a web address as picture', 'avatar_url', { avatar_url: 'https://x.example/a.png' }, 'M_INVALID_PARAM'],
    ['a body without the field', 'displayname', { name: 'x' }, 'M_MISSING_PARAM'],
    ['a name that is no field', 'Foo', { Foo: 1 }, 'M_INVALID_PARAM'],
    ['a field without a namespace', 'mood', { mood: 1 }, 'M_INVALID_PARAM'],
    ['a prototype', '__proto__', { a: 1 }, 'M_INVALID_PARAM'],
    ['a very long field', `a.${'b'.repeat(254)}`, {}, 'M_KEY_TOO_LARGE'],
    ['more than fits', 'a.b', { 'a.b': 'x'.repeat(65_536) }, 'M_PROFILE_TOO_LARGE'],
  ] as const) {
    it(`refuse ${what} with ${errcode}`, async () => {
      const answer = await put(field, body);
      assert.deepEqual([answer.status, answer.body.errcode], [400, errcode]);
    });
  }

  it('have any name that follows the grammar of identifiers', async () => {
    for (const field of ['org.my-site.mood', 'com.1password.x', 'a.b_c-d.0']) {
      assert.equal((await put(field, { [field]: 'x' })).status, 200, field);
    }
  });

  it('do not exceed their size together, even when set at the same time', async () => {
    const answers = await Promise.all(
      ['a.a', 'a.b', 'a.c', 'a.d'].map((field) => put(field, { [field]: 'x'.repeat(20_000) })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 400]);
    assert.equal((await put('a.a', { 'a.a': 'y'.repeat(20_000) })).status, 200);
  });

  it('are changed by nobody else', async () => {
    const path = `/v3/profile/${alice.userId}/displayname`;
    const answer = await bob.ask('PUT', path, { displayname: 'Malice' });
    assert.deepEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
    assert.equal((await bob.ask('DELETE', path)).status, 403);
    assert.deepEqual(await read(), { displayname: `alice${count}` });
  });

  it('are changed by administrators, if there is such a user', async () => {
    await server.homeserver.services.accounts.setAdmin(bob.userId, true);
    const set = (userId: string) =>
      bob.ask('PUT', `/v3/profile/${userId}/displayname`, { displayname: 'Somebody decent' });
    assert.equal((await set(alice.userId)).status, 200);
    assert.deepEqual(await read(), { displayname: 'Somebody decent' });
    assert.equal((await set('@nobody:test.example')).status, 404);
    await server.homeserver.services.accounts.setAdmin(bob.userId, false);
  });

  it('are under the names of the proposal too', async () => {
    const path = `/unstable/uk.tcpip.msc4133/profile/${alice.userId}`;
    assert.equal((await alice.ask('PUT', `${path}/org.example.old`, { 'org.example.old': 1 })).status, 200);
    assert.deepEqual((await server.ask('GET', `${path}/org.example.old`)).body, { 'org.example.old': 1 });
    assert.equal((await server.ask('GET', path)).body['org.example.old'], 1);
    assert.equal((await alice.ask('DELETE', `${path}/org.example.old`)).status, 200);
  });

  it('do not exist for users who do not exist', async () => {
    for (const path of ['', '/displayname']) {
      const answer = await server.ask('GET', `/v3/profile/@nobody:test.example${path}`);
      assert.deepEqual([answer.status, answer.body.errcode], [404, 'M_NOT_FOUND']);
    }
  });

  it('tell of a change of name or picture, and of nothing else', async () => {
    const changed: string[] = [];
    server.homeserver.services.notices.on('profile', ({ userId }) => changed.push(userId));
    await put('m.tz', { 'm.tz': 'UTC' });
    await put('displayname', { displayname: 'A' });
    await put('displayname', { displayname: 'A' });
    assert.deepEqual(changed, [alice.userId]);
  });
});
