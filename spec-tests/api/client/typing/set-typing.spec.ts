import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('setTyping', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  const typing = () => server.homeserver.services.typing;
  const set = async (user: TestUser, body: unknown, whose = user.userId) => {
    const answer = await user.ask('PUT', `/v3/rooms/${roomId}/typing/${whose}`, body);
    return [answer.status, answer.body.errcode];
  };

  before(async () => {
    server = await startTestHomeserver({ limits: { typing_users_per_room: 2 } });
    alice = await server.register('alice');
    bob = await server.register('bob');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`, {});
  });
  after(() => server.stop());

  it('shows who types until they stop, and numbers each change', async () => {
    const before = typing().serial;
    assert.deepEqual(await set(alice, { typing: true, timeout: 30_000 }), [200, undefined]);
    assert.deepEqual(typing().in(roomId), { userIds: [alice.userId], serial: before + 1 });
    await set(alice, { typing: true, timeout: 30_000 });
    assert.equal(typing().serial, before + 1);
    await set(alice, { typing: false });
    assert.deepEqual(typing().in(roomId), { userIds: [], serial: before + 2 });
    assert.deepEqual(typing().changedSince(roomId, before)?.userIds, []);
    assert.equal(typing().changedSince(roomId, before + 2), undefined);
  });

  it('ends by itself after the time that was given', async () => {
    await set(alice, { typing: true, timeout: 5_000 });
    server.clock.advance(4_000);
    await set(alice, { typing: true, timeout: 5_000 });
    server.clock.advance(4_000);
    assert.deepEqual(typing().in(roomId).userIds, [alice.userId]);
    server.clock.advance(1_001);
    assert.deepEqual(typing().in(roomId).userIds, []);
  });

  it('ends after two minutes at most', async () => {
    await set(alice, { typing: true, timeout: 86_400_000 });
    server.clock.advance(120_001);
    assert.deepEqual(typing().in(roomId).userIds, []);
  });

  it('tells those who listen', async () => {
    const told: string[] = [];
    server.homeserver.services.notices.on('typing', (notice) => told.push(notice.roomId));
    await set(alice, { typing: true });
    await set(alice, { typing: false });
    assert.deepEqual(told, [roomId, roomId]);
  });

  it('is refused outside the room, for others, and without saying whether', async () => {
    const outsider = await server.register('outsider');
    assert.deepEqual(await set(outsider, { typing: true }), [403, 'M_FORBIDDEN']);
    assert.deepEqual(await set(alice, { typing: true }, bob.userId), [403, 'M_FORBIDDEN']);
    assert.deepEqual(await set(alice, { timeout: 1 }), [400, 'M_MISSING_PARAM']);
  });

  it('ends when somebody leaves', async () => {
    await set(bob, { typing: true });
    assert.deepEqual(typing().in(roomId).userIds, [bob.userId]);
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.deepEqual(typing().in(roomId).userIds, []);
    await bob.ask('POST', `/v3/join/${roomId}`, {});
  });

  it('shows no more users of a room than the bound', async () => {
    const carol = await server.register('carol');
    await carol.ask('POST', `/v3/join/${roomId}`, {});
    for (const user of [alice, bob, carol]) await set(user, { typing: true });
    assert.deepEqual(typing().in(roomId).userIds, [alice.userId, bob.userId]);
  });

  it('begins anew with another instance after a restart', async () => {
    const { instance } = typing();
    await server.restart();
    assert.notEqual(typing().instance, instance);
    assert.equal(typing().serial, 0);
  });
});
