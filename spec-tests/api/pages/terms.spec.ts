import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../support/test-homeserver.ts';

const BASE = 'http://test.example';

describe('Terms that everybody has to agree to', () => {
  let server: TestHomeserver;

  const options = (version: string, forAll = true) => ({
    registration: {
      mode: 'open',
      terms_for_all: forAll,
      terms: [{ id: 'rules', version, name: 'The <rules>', url: 'https://example.org/rules' }],
    },
    server_notices: { localpart: 'notices' },
  });
  const start = async (version: string, forAll?: boolean) => {
    server = await startTestHomeserver(options(version, forAll));
  };
  /** The same server with other terms. */
  const startAgain = async (version: string) => {
    await server.halt();
    server = await startTestHomeserver(options(version), server.engine, server.clock);
  };
  after(() => server.stop());

  /** Somebody who agrees. */
  const register = async (username: string) => {
    const body = { username, password: TEST_PASSWORD };
    const { session } = (await server.ask('POST', '/v3/register', { body })).body;
    const auth = { type: 'm.login.terms', session };
    strictEqual((await server.ask('POST', '/v3/register', { body: { ...body, auth } })).status, 200);
    return server.login(username);
  };
  const createRoom = (user: TestUser) => user.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
  let txn = 0;
  const send = (user: TestUser, roomId: string) =>
    user.ask('PUT', `/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${++txn}`, { body: 'x' });
  const invites = async (user: TestUser) => Object.keys((await user.ask('GET', '/v3/sync')).body.rooms?.invite ?? {});

  it('let who has not agreed read and leave, but not write, until they have', async () => {
    await start('1');
    const alice = await register('alice');
    const { room_id: roomId } = (await createRoom(alice)).body;
    await server.homeserver.services.accounts.create({ username: 'bob', password: TEST_PASSWORD });
    const bob = await server.login('bob');
    strictEqual((await bob.ask('POST', `/v3/rooms/${encodeURIComponent(roomId)}/join`, {})).status, 200);
    const refused = await send(bob, roomId);
    deepStrictEqual([refused.status, refused.body.errcode], [403, 'M_CONSENT_NOT_GIVEN']);
    strictEqual((await createRoom(bob)).body.errcode, 'M_CONSENT_NOT_GIVEN');
    strictEqual((await bob.ask('GET', `/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b`)).status, 200);
    const { consent_uri: address } = refused.body;
    strictEqual(address.startsWith(`${BASE}/_igchat/terms?user=bob&key=`), true);
    const path = address.slice(BASE.length);
    match((await server.ask('GET', path)).body, /The &#60;rules&#62;.*<button>I agree/);
    for (const wrong of [path.replace('bob', 'alice'), path.slice(0, -1), path.replace('bob', 'a%20b')]) {
      strictEqual((await server.ask('POST', wrong, { body: '' })).status, 403, wrong);
    }
    strictEqual((await send(bob, roomId)).status, 403);
    match((await server.ask('POST', path, { body: '' })).body, /Thank you/);
    match((await server.ask('GET', path)).body, /Thank you/);
    strictEqual((await send(bob, roomId)).status, 200);
    strictEqual((await send(alice, roomId)).status, 200);
  });

  it('are told of in a server notice, once for each version, to those who come', async () => {
    await startAgain('2');
    const alice = await server.login('alice');
    const { lastSeen, consent } = server.homeserver.services;
    const come = async () => {
      await alice.ask('GET', '/v3/joined_rooms');
      await lastSeen.flush();
      await consent.settled();
    };
    deepStrictEqual(await invites(alice), []);
    await come();
    await come();
    const [room = ''] = await invites(alice);
    strictEqual((await alice.ask('POST', `/v3/rooms/${encodeURIComponent(room)}/join`, {})).status, 200);
    const { chunk } = (await alice.ask('GET', `/v3/rooms/${encodeURIComponent(room)}/messages?dir=b`)).body;
    const told = chunk.filter(({ type }: { type: string }) => type === 'm.room.message');
    strictEqual(told.length, 1);
    const address = /http:\S+/.exec(told[0].content.body)?.[0] ?? '';
    strictEqual((await createRoom(alice)).status, 403);
    await server.ask('POST', address.slice(BASE.length), { body: '' });
    strictEqual((await createRoom(alice)).status, 200);
    strictEqual((await createRoom(await register('carol'))).status, 200, 'who registers has agreed');
    await server.stop();
  });

  it('are not asked of everybody unless that is wanted', async () => {
    await start('1', false);
    await server.homeserver.services.accounts.create({ username: 'bob', password: TEST_PASSWORD });
    strictEqual((await createRoom(await server.login('bob'))).status, 200);
  });
});
