import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import {
  type Answered,
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

interface Guest {
  readonly userId: string;
  readonly token: string;
  readonly deviceId: string;
  ask(method: string, path: string, body?: object): Promise<Answered>;
}

describe('Guests', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let room: string;

  beforeEach(async () => {
    server = await startTestHomeserver({ registration: { guests: true } });
    alice = await server.register('alice');
    room = await create('can_join');
  });
  afterEach(() => server.stop());

  const create = async (guestAccess: string): Promise<string> => {
    const initial_state = [{ type: 'm.room.guest_access', state_key: '', content: { guest_access: guestAccess } }];
    return (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', initial_state })).body.room_id;
  };
  const newGuest = async (): Promise<Guest> => {
    const { body } = await server.ask('POST', '/v3/register?kind=guest', { body: {} });
    const token = body.access_token;
    const ask: Guest['ask'] = (method, path, asked) =>
      server.ask(method, path, { token, ...(asked === undefined ? {} : { body: asked }) });
    return { userId: body.user_id, token, deviceId: body.device_id, ask };
  };
  const membership = async (userId: string) =>
    (await alice.ask('GET', `/v3/rooms/${room}/state/m.room.member/${userId}`)).body.membership;

  it('may do what the specification lists, and nothing else', async () => {
    const guest = await newGuest();
    const said = { msgtype: 'm.text', body: 'hello' };
    for (const [method, path, body] of [
      ['POST', `/v3/rooms/${room}/join`, {}],
      ['GET', `/v3/rooms/${room}/state`],
      ['GET', `/v3/rooms/${room}/state/m.room.guest_access`],
      ['GET', `/v3/rooms/${room}/messages?dir=b`],
      ['GET', `/v3/rooms/${room}/members`],
      ['GET', '/v3/sync'],
      ['PUT', `/v3/rooms/${room}/send/m.room.message/1`, said],
      ['PUT', '/v3/sendToDevice/m.dummy/1', { messages: {} }],
      ['PUT', `/v3/profile/${guest.userId}/displayname`, { displayname: 'A guest' }],
      ['GET', '/v3/devices'],
      ['GET', `/v3/devices/${guest.deviceId}`],
      ['PUT', `/v3/devices/${guest.deviceId}`, { display_name: 'phone' }],
      ['GET', '/v3/account/whoami'],
      ['POST', '/v3/keys/upload', {}],
      ['POST', '/v3/keys/query', { device_keys: {} }],
      ['POST', '/v3/keys/claim', { one_time_keys: {} }],
      ['POST', `/v3/rooms/${room}/leave`, {}],
    ] as const) {
      strictEqual((await guest.ask(method, path, body)).status, 200, path);
    }
    for (const [method, path, body] of [
      ['POST', '/v3/createRoom', {}],
      ['POST', `/v3/rooms/${room}/invite`, { user_id: alice.userId }],
      ['POST', `/v3/rooms/${room}/kick`, { user_id: alice.userId }],
      ['POST', '/v3/account/password', { new_password: 'x' }],
      ['POST', '/_matrix/media/v3/upload', {}],
      ['POST', '/v3/user_directory/search', { search_term: 'a' }],
      ['POST', '/v3/pushers/set', {}],
      ['PUT', `/v3/directory/room/${encodeURIComponent('#a:test.example')}`, { room_id: room }],
    ] as const) {
      deepStrictEqual((await guest.ask(method, path, body)).body.errcode, 'M_GUEST_ACCESS_FORBIDDEN', path);
    }
  });

  it('join rooms that take guests, and leave them when they do not any more, also after a stop', async () => {
    const [one, two] = [await newGuest(), await newGuest()];
    const closed = await create('forbidden');
    deepStrictEqual((await one.ask('POST', `/v3/join/${closed}`, {})).body.errcode, 'M_GUEST_ACCESS_FORBIDDEN');
    const bob = await server.register('bob');
    for (const user of [one, two, bob]) await user.ask('POST', `/v3/join/${room}`, {});
    const setAccess = (guest_access: string) =>
      alice.ask('PUT', `/v3/rooms/${room}/state/m.room.guest_access`, { guest_access });
    await setAccess('forbidden');
    await server.homeserver.services.guestDepartures.settled();
    const memberships = async () => [await membership(one.userId), await membership(two.userId)];
    deepStrictEqual(await memberships(), ['leave', 'leave']);
    strictEqual(await membership(bob.userId), 'join');
    await setAccess('can_join');
    for (const user of [one, two]) await user.ask('POST', `/v3/join/${room}`, {});
    await server.homeserver.services.guestDepartures.stop();
    await setAccess('forbidden');
    deepStrictEqual(await memberships(), ['join', 'join']);
    await server.restart();
    await server.homeserver.services.guestDepartures.settled();
    deepStrictEqual(await memberships(), ['leave', 'leave']);
  });

  it('become people, with their name, device and rooms', async () => {
    const guest = await newGuest();
    await guest.ask('POST', `/v3/join/${room}`, {});
    const username = guest.userId.slice(1).split(':')[0] ?? '';
    const register = (more: object) =>
      server.ask('POST', '/v3/register', {
        body: { password: TEST_PASSWORD, guest_access_token: guest.token, auth: { type: 'm.login.dummy' }, ...more },
      });
    deepStrictEqual((await register({})).body.errcode, 'M_INVALID_USERNAME');
    deepStrictEqual((await register({ username: 'carol' })).body.errcode, 'M_INVALID_USERNAME');
    const wrong = await register({ username, guest_access_token: alice.accessToken });
    deepStrictEqual([wrong.status, wrong.body.errcode], [403, 'M_FORBIDDEN']);
    const done = await register({ username });
    deepStrictEqual([done.status, done.body.user_id, done.body.device_id], [200, guest.userId, guest.deviceId]);
    match(done.body.access_token, /^iga_/);
    const whoami = await server.ask('GET', '/v3/account/whoami', { token: done.body.access_token });
    strictEqual(whoami.body.is_guest, false);
    strictEqual((await guest.ask('GET', '/v3/account/whoami')).status, 401);
    strictEqual(await membership(guest.userId), 'join');
    strictEqual((await server.login(guest.userId)).userId, guest.userId);
    strictEqual((await register({ username })).status, 403);
  });
});
