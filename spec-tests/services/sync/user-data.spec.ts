import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../support/test-homeserver.ts';

type Typed = { type: string; content: Record<string, unknown> };
const types = (part: { events: Typed[] } | undefined) => (part?.events ?? []).map(({ type }) => type);

describe('User data in sync', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let eventId: string;
  const sync = async (user: TestUser, since?: string, timeout = 0) =>
    (await user.ask('GET', `/v3/sync?timeout=${timeout}${since === undefined ? '' : `&since=${since}`}`)).body;
  const data = (user: TestUser, rest: string) => `/v3/user/${user.userId}/${rest}`;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`, {});
    const path = `/v3/rooms/${roomId}/send/m.room.message/1`;
    eventId = (await alice.ask('PUT', path, { msgtype: 'm.text', body: 'x' })).body.event_id;
  });
  after(() => server.stop());

  it('is all there at first: account data, push rules, tags, receipts, who types and who is about', async () => {
    await bob.ask('PUT', data(bob, 'account_data/org.example.a'), { n: 1 });
    await bob.ask('PUT', data(bob, `rooms/${roomId}/tags/u.x`), {});
    await alice.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${eventId}`, {});
    await alice.ask('PUT', `/v3/rooms/${roomId}/typing/${alice.userId}`, { typing: true, timeout: 60_000 });
    await alice.ask('PUT', `/v3/presence/${alice.userId}/status`, { presence: 'online', status_msg: 'hi' });
    const body = await sync(bob);
    assert.deepEqual(types(body.account_data).sort(), ['m.push_rules', 'org.example.a']);
    const room = body.rooms.join[roomId];
    assert.deepEqual(types(room.account_data), ['m.tag']);
    assert.deepEqual(types(room.ephemeral).sort(), ['m.receipt', 'm.typing']);
    const ofAlice = body.presence.events.find((event: { sender: string }) => event.sender === alice.userId);
    assert.equal(ofAlice.content.status_msg, 'hi');
  });

  it('comes again only when it changes', async () => {
    const { next_batch } = await sync(bob);
    const quiet = await sync(bob, next_batch);
    assert.deepEqual([quiet.account_data, quiet.rooms, quiet.presence], [undefined, undefined, undefined]);
    await bob.ask('POST', `/v3/rooms/${roomId}/read_markers`, { 'm.fully_read': eventId, 'm.read.private': eventId });
    await alice.ask('PUT', `/v3/rooms/${roomId}/typing/${alice.userId}`, { typing: false });
    const news = await sync(bob, next_batch);
    const room = news.rooms.join[roomId];
    assert.deepEqual(types(room.account_data), ['m.fully_read']);
    const typing = room.ephemeral.events.find((event: Typed) => event.type === 'm.typing');
    assert.deepEqual(typing.content, { user_ids: [] });
    const receipt = room.ephemeral.events.find((event: Typed) => event.type === 'm.receipt');
    assert.deepEqual(Object.keys(receipt.content[eventId]), ['m.read.private']);
  });

  it('wakes those who wait for it', async () => {
    const changes: [string, () => Promise<unknown>][] = [
      ['account data', () => bob.ask('PUT', data(bob, 'account_data/org.example.b'), {})],
      ['account data of a room', () => bob.ask('PUT', data(bob, `rooms/${roomId}/account_data/org.example.b`), {})],
      ['a push rule', () => bob.ask('PUT', `/v3/pushrules/global/room/${roomId}`, { actions: [] })],
      ['typing', () => alice.ask('PUT', `/v3/rooms/${roomId}/typing/${alice.userId}`, { typing: true })],
      ['presence', () => alice.ask('PUT', `/v3/presence/${alice.userId}/status`, { presence: 'unavailable' })],
    ];
    for (const [what, change] of changes) {
      const { next_batch } = await sync(bob);
      const waiting = sync(bob, next_batch, 30_000);
      await change();
      const { account_data, rooms, presence } = await waiting;
      assert.ok(account_data ?? rooms ?? presence, what);
    }
  });
});
