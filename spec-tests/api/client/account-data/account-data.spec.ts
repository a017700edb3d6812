import assert from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

const ROOM = '!room:test.example';

describe('Account data', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  const ofAlice = (rest: string) => `/v3/user/${encodeURIComponent(alice.userId)}/${rest}`;
  const changes = (since = 0) => {
    const { accountData, storage } = server.homeserver.services;
    return accountData.changedSince(alice.userId, since, storage.head);
  };

  before(async () => {
    server = await startTestHomeserver({ limits: { account_data_size: '1KB', account_data_per_user: 20 } });
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  it('gives back what was set, for the account and for a room', async () => {
    assert.equal((await alice.ask('PUT', ofAlice('account_data/org.example.a'), { n: 1 })).status, 200);
    await alice.ask('PUT', ofAlice(`rooms/${ROOM}/account_data/org.example.a`), { n: 2 });
    assert.deepEqual((await alice.ask('GET', ofAlice('account_data/org.example.a'))).body, { n: 1 });
    assert.deepEqual((await alice.ask('GET', ofAlice(`rooms/${ROOM}/account_data/org.example.a`))).body, { n: 2 });
  });

  it('answers 404 M_NOT_FOUND for what was never set', async () => {
    for (const path of ['account_data/org.example.none', `rooms/${ROOM}/account_data/org.example.none`]) {
      const { status, body } = await alice.ask('GET', ofAlice(path));
      assert.deepEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
    }
  });

  it('is nobody else’s', async () => {
    for (const method of ['GET', 'PUT']) {
      const { status, body } = await bob.ask(
        method,
        ofAlice('account_data/org.example.a'),
        method === 'PUT' ? {} : undefined,
      );
      assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
    }
  });

  it('refuses what other endpoints set, with 405 M_BAD_JSON', async () => {
    for (const type of ['m.fully_read', 'm.push_rules']) {
      const { status, body } = await alice.ask('PUT', ofAlice(`rooms/${ROOM}/account_data/${type}`), {});
      assert.deepEqual([status, body.errcode], [405, 'M_BAD_JSON']);
    }
  });

  it('refuses content that is no object, no JSON or too large', async () => {
    const put = async (body: unknown) => {
      const answer = await alice.ask('PUT', ofAlice('account_data/org.example.bad'), body);
      return [answer.status, answer.body.errcode];
    };
    assert.deepEqual(await put([1]), [400, 'M_BAD_JSON']);
    assert.deepEqual(await put('{'), [400, 'M_NOT_JSON']);
    assert.deepEqual(await put({ text: 'x'.repeat(1100) }), [413, 'M_TOO_LARGE']);
  });

  it('keeps keys that mean something to JavaScript', async () => {
    const text = '{"__proto__":{"a":1},"constructor":2,"order":0.25}';
    await alice.ask('PUT', ofAlice('account_data/org.example.odd'), text);
    const answer = await alice.ask('GET', ofAlice('account_data/org.example.odd'));
    assert.equal(JSON.stringify(answer.body), text);
  });

  it('tells what changed after a position, and costs nothing when nothing did', async () => {
    const { storage } = server.homeserver.services;
    const before = storage.head;
    await alice.ask('PUT', ofAlice('account_data/org.example.b'), { b: 1 });
    await alice.ask('PUT', ofAlice(`rooms/${ROOM}/account_data/org.example.c`), { c: 1 });
    const news = await changes(before);
    assert.deepEqual(news.global, [{ type: 'org.example.b', content: '{"b":1}' }]);
    assert.deepEqual([...news.rooms], [[ROOM, [{ type: 'org.example.c', content: '{"c":1}' }]]]);
    assert.deepEqual(await changes(storage.head), { global: [], rooms: new Map() });
  });

  it('tells everything from the beginning, push rules included', async () => {
    const all = await changes();
    const types = all.global.map(({ type }) => type);
    assert.ok(types.includes('org.example.a') && types.includes('m.push_rules'));
    const rules = all.global.find(({ type }) => type === 'm.push_rules');
    assert.ok(JSON.parse(rules!.content).global.override.length > 5);
  });

  it('knows whom a user ignores, and forgets it with the next list', async () => {
    const { accountData } = server.homeserver.services;
    assert.equal((await accountData.ignoredUsers(alice.userId)).size, 0);
    const ignore = (ids: string[]) =>
      alice.ask('PUT', ofAlice('account_data/m.ignored_user_list'), {
        ignored_users: Object.fromEntries(ids.map((id) => [id, {}])),
      });
    await ignore([bob.userId, alice.userId]);
    assert.deepEqual([...(await accountData.ignoredUsers(alice.userId))], [bob.userId]);
    await ignore([]);
    assert.equal((await accountData.ignoredUsers(alice.userId)).size, 0);
  });

  it('is there after a restart', async () => {
    await server.restart();
    assert.deepEqual((await alice.ask('GET', ofAlice('account_data/org.example.a'))).body, { n: 1 });
    assert.ok((await changes(1)).rooms.has(ROOM));
  });

  it('has a bound for one user, within which what is there can still change', async () => {
    let status = 200;
    for (let n = 0; status === 200 && n < 30; n += 1) {
      status = (await alice.ask('PUT', ofAlice(`account_data/org.example.n${n}`), {})).status;
    }
    assert.equal(status, 413);
    assert.equal((await alice.ask('PUT', ofAlice('account_data/org.example.a'), { n: 3 })).status, 200);
  });

  it('goes with the account', async () => {
    const carol = await server.register('carol');
    const { accountData, pushRules, storage } = server.homeserver.services;
    await carol.ask('PUT', `/v3/user/${carol.userId}/account_data/org.example.a`, {});
    await carol.ask('PUT', '/v3/pushrules/global/override/.m.rule.master/enabled', { enabled: true });
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'carol' },
      password: TEST_PASSWORD,
    };
    assert.equal((await carol.ask('POST', '/v3/account/deactivate', { auth })).status, 200);
    const { global } = await accountData.changedSince(carol.userId, 1, storage.head);
    assert.deepEqual(global, []);
    assert.equal(pushRules.rule(carol.userId, 'override', '.m.rule.master').enabled, false);
  });
});
