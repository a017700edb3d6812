import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const ROOM = '!room:test.example';
const roomOf = (...members: string[]) => ({
  id: ROOM,
  joinedCount: members.length,
  isJoined: (userId: string) => members.includes(userId),
  joinedMembers: () => members,
});

describe('Push rules', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const rule = (rest: string) => `/v3/pushrules/global/${rest}`;
  const own = async (kind: string) => {
    const { body } = await alice.ask('GET', '/v3/pushrules/');
    return body.global[kind].filter((r: { default: boolean }) => !r.default).map((r: { rule_id: string }) => r.rule_id);
  };

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  after(() => server.stop());

  it('are the default ones at first, with and without a slash at the end', async () => {
    const { body } = await alice.ask('GET', '/v3/pushrules/');
    assert.equal(body.global.override[0].rule_id, '.m.rule.master');
    assert.deepEqual((await alice.ask('GET', '/v3/pushrules')).body, body);
    assert.deepEqual((await alice.ask('GET', '/v3/pushrules/global/')).body, body.global);
  });

  it('are added on top, before or after another, and moved', async () => {
    const add = (id: string, query = '') =>
      alice.ask('PUT', `${rule(`content/${id}`)}${query}`, { pattern: id, actions: ['notify'] });
    await add('one');
    await add('two');
    await add('three', '?after=two');
    assert.deepEqual(await own('content'), ['two', 'three', 'one']);
    await add('one', '?before=two');
    assert.deepEqual(await own('content'), ['one', 'two', 'three']);
    const wrong = await add('four', '?before=nothing');
    assert.deepEqual([wrong.status, wrong.body.errcode], [400, 'M_UNKNOWN']);
  });

  it('are read one by one, with their actions and whether they are on', async () => {
    const { body } = await alice.ask('GET', rule('content/one'));
    assert.deepEqual(body, { rule_id: 'one', default: false, enabled: true, pattern: 'one', actions: ['notify'] });
    assert.deepEqual((await alice.ask('GET', rule('content/one/enabled'))).body, { enabled: true });
    assert.deepEqual((await alice.ask('GET', rule('content/one/actions'))).body, { actions: ['notify'] });
  });

  it('are switched off, changed and deleted', async () => {
    assert.equal((await alice.ask('PUT', rule('content/one/enabled'), { enabled: false })).status, 200);
    assert.equal((await alice.ask('GET', rule('content/one/enabled'))).body.enabled, false);
    await alice.ask('PUT', rule('content/one/actions'), { actions: [{ set_tweak: 'highlight' }] });
    assert.deepEqual((await alice.ask('GET', rule('content/one'))).body.actions, [{ set_tweak: 'highlight' }]);
    assert.equal((await alice.ask('DELETE', rule('content/one'))).status, 200);
    assert.equal((await alice.ask('GET', rule('content/one'))).body.errcode, 'M_NOT_FOUND');
  });

  it('refuse ids that are reserved, kinds that are none and rules that are not there', async () => {
    const refused = async (method: string, path: string, body?: unknown) => {
      const answer = await alice.ask(method, path, body);
      return [answer.status, answer.body.errcode];
    };
    assert.deepEqual(await refused('PUT', rule('room/.m.mine'), { actions: [] }), [400, 'M_INVALID_PARAM']);
    assert.deepEqual(await refused('PUT', rule('nothing/x'), { actions: [] }), [400, 'M_INVALID_PARAM']);
    assert.deepEqual(await refused('GET', rule('nothing/x')), [404, 'M_NOT_FOUND']);
    assert.deepEqual(await refused('DELETE', rule('room/none')), [404, 'M_NOT_FOUND']);
    assert.deepEqual(await refused('PUT', rule('room/none/enabled'), { enabled: true }), [404, 'M_NOT_FOUND']);
  });

  it('come to the clients as account data, whole', async () => {
    const { accountData, storage } = server.homeserver.services;
    const before = storage.head;
    await alice.ask('PUT', rule('override/.m.rule.master/enabled'), { enabled: true });
    const { global } = await accountData.changedSince(alice.userId, before, storage.head);
    assert.deepEqual(
      global.map(({ type }) => type),
      ['m.push_rules'],
    );
    const { body } = await alice.ask('GET', '/v3/pushrules/');
    assert.deepEqual(JSON.parse(global[0]!.content), body);
    assert.equal(body.global.override[0].enabled, true);
    const path = `/v3/user/${alice.userId}/account_data/m.push_rules`;
    assert.deepEqual((await alice.ask('GET', path)).body, body);
  });

  it('say whose own rules matter in a room, also after a restart', async () => {
    const bob = await server.register('bob');
    const carol = await server.register('carol');
    await bob.ask('PUT', rule(`room/${ROOM}`), { actions: [] });
    await carol.ask('PUT', rule('room/!other:test.example'), { actions: [] });
    const inRoom = () => {
      const members = roomOf(alice.userId, bob.userId, carol.userId);
      return [...server.homeserver.services.pushRules.usersWithOwnRules(members)].sort();
    };
    assert.deepEqual(inRoom(), [alice.userId, bob.userId]);
    await server.restart();
    assert.deepEqual(inRoom(), [alice.userId, bob.userId]);
    await bob.ask('DELETE', rule(`room/${ROOM}`));
    assert.deepEqual(inRoom(), [alice.userId]);
  });

  it('lose no change when several come at once', async () => {
    const ids = ['p', 'q', 'r', 's'];
    await Promise.all(ids.map((id) => alice.ask('PUT', rule(`content/${id}`), { pattern: id, actions: [] })));
    const present = await own('content');
    assert.deepEqual(
      ids.filter((id) => !present.includes(id)),
      [],
    );
  });
});

describe('getPushers', () => {
  it('names no pushers, for none can be set', async () => {
    const server = await startTestHomeserver();
    const alice = await server.register('alice');
    assert.deepEqual((await alice.ask('GET', '/v3/pushers')).body, { pushers: [] });
    await server.stop();
  });
});
