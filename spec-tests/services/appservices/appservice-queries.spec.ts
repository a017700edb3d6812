import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startWithAppservices } from '../../support/appservices.ts';
import { type Peer, startPeer } from '../../support/peer.ts';
import type { TestHomeserver, TestUser } from '../../support/test-homeserver.ts';

const IRC = { user_fields: ['nick'], location_fields: ['channel'], icon: 'mxc://a/b', field_types: {} };
const INSTANCE = { desc: 'Freenode', network_id: 'freenode', fields: {} };

describe('What application services are asked', function () {
  this.timeout(30_000);
  let server: TestHomeserver;
  let bridge: Peer;
  let alice: TestUser;
  const makes = new Map<string, () => Promise<unknown>>();

  const found = (request: IncomingMessage): unknown => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const path = pathname.replace('/_matrix/app/v1', '');
    const asked = Object.fromEntries(searchParams);
    const fields = { protocol: 'irc', fields: asked };
    if (path === '/thirdparty/protocol/irc') return { ...IRC, instances: [INSTANCE], more: 1 };
    if (path === '/thirdparty/user/irc') return [{ userid: '@irc_bob:test.example', ...fields }, { nonsense: 1 }];
    if (path === '/thirdparty/location/irc') return [{ alias: '#irc_x:test.example', ...fields }];
    if (path === '/thirdparty/user') return [{ userid: asked['userid'], ...fields }];
    if (path === '/thirdparty/location') return [{ alias: asked['alias'], ...fields }];
    return undefined;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const name = decodeURIComponent(/\/app\/v1\/(?:users|rooms)\/(.+)$/.exec(request.url ?? '')?.[1] ?? '');
    const made = makes.get(name);
    if (made) await made();
    const body = made ? {} : found(request);
    const isTransaction = request.url?.includes('/transactions/');
    response.writeHead(body || isTransaction ? 200 : 404).end(JSON.stringify(body ?? {}));
  };

  before(async () => {
    bridge = await startPeer((request, response) => void answer(request, response));
    const irc = {
      ...{
        id: 'irc',
        url: `http://127.0.0.1:${bridge.port}`,
        as_token: 'as',
        hs_token: 'hs',
        sender_localpart: 'ircbot',
      },
      namespaces: { users: [{ exclusive: true, regex: '@irc_' }], aliases: [{ exclusive: true, regex: '#irc_' }] },
      protocols: ['irc', 'unknown'],
    };
    server = await startWithAppservices([irc]);
    alice = await server.register('alice');
  });
  after(async () => {
    await server.stop();
    await bridge.close();
  });
  const asked = (path: string) => bridge.requests.filter(({ target }) => target.includes(path));

  it('is to make the room of an alias that does not exist', async () => {
    const alias = '#irc_chat:test.example';
    const body = { preset: 'public_chat', room_alias_name: 'irc_chat' };
    makes.set(alias, () => server.ask('POST', '/v3/createRoom', { token: 'as', body }));
    const answered = await alice.ask('POST', `/v3/join/${encodeURIComponent(alias)}`, {});
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    assert.equal(asked('/rooms/')[0]!.headers.authorization, 'Bearer hs');
    const other = await alice.ask('GET', `/v3/directory/room/${encodeURIComponent('#irc_none:test.example')}`);
    assert.equal(other.status, 404);
    await alice.ask('GET', `/v3/directory/room/${encodeURIComponent('#else:test.example')}`);
    assert.equal(asked('/rooms/').length, 2);
  });

  it('is to make a user who is invited and does not exist', async () => {
    const userId = '@irc_carol:test.example';
    makes.set(userId, () =>
      server.ask('POST', '/v3/register', {
        token: 'as',
        body: { type: 'm.login.application_service', username: 'irc_carol', inhibit_login: true },
      }),
    );
    const made = await alice.ask('POST', '/v3/createRoom', { invite: [userId] });
    assert.equal(made.status, 200);
    assert.equal(asked('/users/').length, 1);
    await alice.ask('POST', '/v3/createRoom', { invite: [userId] });
    assert.equal(asked('/users/').length, 1);
    assert.equal(await server.homeserver.services.accounts.exists(userId), true);
  });

  it('is which networks there are, and who is in them', async () => {
    const must = async (path: string) => {
      const answered = await alice.ask('GET', `/v3/thirdparty/${path}`);
      assert.equal(answered.status, 200, JSON.stringify(answered.body));
      return answered.body;
    };
    const irc = { ...IRC, instances: [{ ...INSTANCE, instance_id: 'irc|freenode' }] };
    assert.deepEqual(await must('protocols'), { irc });
    assert.deepEqual(await must('protocol/irc'), irc);
    assert.equal((await alice.ask('GET', '/v3/thirdparty/protocol/icq')).body.errcode, 'M_NOT_FOUND');
    const fields = { protocol: 'irc', fields: { nick: 'bob' } };
    assert.deepEqual(await must('user/irc?nick=bob'), [{ userid: '@irc_bob:test.example', ...fields }]);
    assert.equal((await must('location/irc?channel=x'))[0].alias, '#irc_x:test.example');
    assert.equal((await must('user?userid=%40alice%3Atest.example'))[0].userid, '@alice:test.example');
    assert.equal((await must('location?alias=%23a%3Atest.example'))[0].alias, '#a:test.example');
  });
});
