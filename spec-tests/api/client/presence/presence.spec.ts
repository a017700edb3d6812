import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const MINUTE = 60_000;

describe('Presence', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let stranger: TestUser;
  let roomId: string;
  const presence = () => server.homeserver.services.presence;
  const status = async (asker: TestUser, whose: TestUser) =>
    (await asker.ask('GET', `/v3/presence/${whose.userId}/status`)).body;
  const set = async (user: TestUser, body: unknown, whose = user) => {
    const answer = await user.ask('PUT', `/v3/presence/${whose.userId}/status`, body);
    return [answer.status, answer.body.errcode];
  };
  const pass = (ms: number) => {
    server.clock.advance(ms);
    presence().sweep();
  };

  beforeEach(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    stranger = await server.register('stranger');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`, {});
  });
  afterEach(() => server.stop());

  it('is set with a message, and seen by those who share a room', async () => {
    assert.deepEqual(await set(alice, { presence: 'online', status_msg: 'here' }), [200, undefined]);
    const seen = { presence: 'online', status_msg: 'here', last_active_ago: 0, currently_active: true };
    assert.deepEqual(await status(alice, alice), seen);
    assert.deepEqual(await status(bob, alice), seen);
    assert.equal((await status(stranger, alice)).errcode, 'M_FORBIDDEN');
    assert.deepEqual(await status(alice, bob), { presence: 'offline' });
  });

  it('is refused for others and for what is no presence', async () => {
    assert.deepEqual(await set(alice, { presence: 'online' }, bob), [403, 'M_FORBIDDEN']);
    assert.deepEqual(await set(alice, { presence: 'asleep' }), [400, 'M_BAD_JSON']);
  });

  it('comes with syncing and goes when the syncs stop', async () => {
    presence().seen(alice.userId, 'online', 'A');
    assert.equal((await status(bob, alice)).presence, 'online');
    pass(MINUTE);
    presence().seen(alice.userId, 'online', 'A');
    assert.equal((await status(bob, alice)).currently_active, false);
    pass(2 * MINUTE);
    assert.equal((await status(bob, alice)).presence, 'offline');
  });

  it('is not touched by syncs that do not want to be seen', async () => {
    presence().seen(alice.userId, 'offline', 'A');
    assert.equal((await status(bob, alice)).presence, 'offline');
  });

  it('is that of the device which is most about', async () => {
    presence().seen(alice.userId, 'online', 'A');
    presence().seen(alice.userId, 'unavailable', 'B');
    assert.equal((await status(bob, alice)).presence, 'online');
    presence().seen(alice.userId, 'unavailable', 'A');
    assert.equal((await status(bob, alice)).presence, 'unavailable');
  });

  it('becomes idle without a sign of the user, who comes back by writing', async () => {
    for (let minute = 0; minute < 6; minute += 1) {
      presence().seen(alice.userId, 'online', 'A');
      pass(MINUTE);
    }
    assert.equal((await status(bob, alice)).presence, 'unavailable');
    await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'x' });
    assert.equal((await status(bob, alice)).presence, 'online');
  });

  it('tells each what changed after a serial, and of nobody they share no room with', async () => {
    const before = presence().serial;
    await set(alice, { presence: 'unavailable' });
    await set(stranger, { presence: 'online' });
    const told = await presence().changedSince(bob.userId, before);
    assert.deepEqual(
      told.map(({ type, sender, content }) => [type, sender, (content as { presence: string }).presence]),
      [['m.presence', alice.userId, 'unavailable']],
    );
    const since = presence().serial;
    assert.deepEqual(await presence().changedSince(bob.userId, since), []);
    await set(alice, { presence: 'offline' });
    assert.deepEqual(await presence().changedSince(bob.userId, 0), []);
    assert.equal((await presence().changedSince(bob.userId, since)).length, 1);
  });

  it('is told to those who meet in a room, of each other', async () => {
    await set(alice, { presence: 'online' });
    await set(stranger, { presence: 'unavailable' });
    const since = presence().serial;
    await stranger.ask('POST', `/v3/join/${roomId}`, {});
    const seen = async (user: TestUser) =>
      (await presence().changedSince(user.userId, since)).map(({ sender }) => sender).sort();
    assert.deepEqual(await seen(bob), [stranger.userId]);
    assert.deepEqual(await seen(stranger), [alice.userId, stranger.userId].sort());
    const after = presence().serial;
    await stranger.ask('PUT', `/v3/profile/${stranger.userId}/displayname`, { displayname: 'No stranger' });
    assert.deepEqual(await presence().changedSince(bob.userId, after), []);
  });
});

describe('Presence that is switched off', () => {
  it('is offline for everybody, whatever they say', async () => {
    const server = await startTestHomeserver({ presence: { enabled: false } });
    const alice = await server.register('alice');
    const path = `/v3/presence/${alice.userId}/status`;
    assert.equal((await alice.ask('PUT', path, { presence: 'online' })).status, 200);
    assert.deepEqual((await alice.ask('GET', path)).body, { presence: 'offline' });
    assert.equal(server.homeserver.services.presence.serial, 0);
    await server.stop();
  });
});
