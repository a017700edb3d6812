import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Receipts', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let outsider: TestUser;
  let roomId: string;
  let txn = 0;
  const services = () => server.homeserver.services;
  const roomNid = async () => (await services().rooms.get(roomId))!.nid;
  const send = async (content: object) => {
    txn += 1;
    const path = `/v3/rooms/${roomId}/send/m.room.message/t${txn}`;
    return (await alice.ask('PUT', path, { msgtype: 'm.text', body: 'x', ...content })).body.event_id as string;
  };
  const inThread = (root: string) => ({ 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
  const receipt = async (user: TestUser, type: string, eventId: string, body: unknown = {}) => {
    const answer = await user.ask('POST', `/v3/rooms/${roomId}/receipt/${type}/${encodeURIComponent(eventId)}`, body);
    return [answer.status, answer.body.errcode];
  };
  const seenBy = async (user: TestUser, since: number) => {
    const { receipts, storage } = services();
    return receipts.changedSince(await roomNid(), since, storage.head, user.userId);
  };

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    outsider = await server.register('outsider');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`, {});
  });
  after(() => server.stop());

  it('are told to the others in the room, with their time', async () => {
    const since = services().storage.head;
    const eventId = await send({});
    assert.deepEqual(await receipt(bob, 'm.read', eventId), [200, undefined]);
    assert.deepEqual(await seenBy(alice, since), {
      [eventId]: { 'm.read': { [bob.userId]: { ts: server.clock.now() } } },
    });
    assert.equal(await seenBy(alice, services().storage.head), undefined);
  });

  it('are told to nobody else if they are private', async () => {
    const since = services().storage.head;
    const eventId = await send({});
    await receipt(bob, 'm.read.private', eventId);
    assert.equal(await seenBy(alice, since), undefined);
    assert.deepEqual(Object.keys((await seenBy(bob, since))?.[eventId] as object), ['m.read.private']);
  });

  it('never move backwards', async () => {
    const older = await send({});
    const newer = await send({});
    await receipt(bob, 'm.read', newer);
    const since = services().storage.head;
    assert.deepEqual(await receipt(bob, 'm.read', older), [200, undefined]);
    assert.equal(await seenBy(alice, since), undefined);
    const own = await services().receipts.of(bob.userId, await roomNid());
    assert.equal(own.unthreaded?.eventId, newer);
  });

  it('are kept for each thread apart', async () => {
    const root = await send({});
    const reply = await send(inThread(root));
    const since = services().storage.head;
    assert.deepEqual(await receipt(bob, 'm.read', reply, { thread_id: root }), [200, undefined]);
    assert.deepEqual(await receipt(bob, 'm.read', root, { thread_id: 'main' }), [200, undefined]);
    const told = (await seenBy(alice, since)) as Record<string, { 'm.read': Record<string, { thread_id: string }> }>;
    assert.equal(told[reply]?.['m.read'][bob.userId]?.thread_id, root);
    assert.equal(told[root]?.['m.read'][bob.userId]?.thread_id, 'main');
    const own = await services().receipts.of(bob.userId, await roomNid());
    assert.equal(own.threads.get(root)?.eventId, reply);
    assert.equal(own.threads.get('main')?.eventId, root);
  });

  it('may point at what relates to an event of the thread', async () => {
    const root = await send({});
    const reply = await send(inThread(root));
    txn += 1;
    const reaction = await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.reaction/t${txn}`, {
      'm.relates_to': { rel_type: 'm.annotation', event_id: reply, key: '👍' },
    });
    const { event_id } = reaction.body;
    assert.deepEqual(await receipt(bob, 'm.read', event_id, { thread_id: root }), [200, undefined]);
    assert.deepEqual(await receipt(bob, 'm.read', event_id, { thread_id: 'main' }), [400, 'M_INVALID_PARAM']);
  });

  it('refuse a thread id that is none, or that the event has nothing to do with', async () => {
    const root = await send({});
    const reply = await send(inThread(root));
    for (const thread_id of ['', 5, null]) {
      assert.deepEqual(await receipt(bob, 'm.read', reply, { thread_id }), [400, 'M_INVALID_PARAM']);
    }
    assert.deepEqual(await receipt(bob, 'm.read', reply, { thread_id: 'main' }), [400, 'M_INVALID_PARAM']);
    assert.deepEqual(await receipt(bob, 'm.read', root, { thread_id: reply }), [400, 'M_INVALID_PARAM']);
    assert.deepEqual(await receipt(bob, 'm.fully_read', root, { thread_id: 'main' }), [400, 'M_INVALID_PARAM']);
  });

  it('refuse types that are none, events that are not there and users who are not in the room', async () => {
    const eventId = await send({});
    assert.deepEqual(await receipt(bob, 'm.seen', eventId), [400, 'M_INVALID_PARAM']);
    assert.deepEqual(await receipt(bob, 'm.read', '$nothing'), [404, 'M_NOT_FOUND']);
    assert.deepEqual(await receipt(outsider, 'm.read', eventId), [403, 'M_FORBIDDEN']);
  });

  it('send the unthreaded one where both kinds are at one event', async () => {
    const eventId = await send({});
    const since = services().storage.head;
    await receipt(bob, 'm.read', eventId);
    await receipt(bob, 'm.read', eventId, { thread_id: 'main' });
    assert.deepEqual(await seenBy(alice, since), {
      [eventId]: { 'm.read': { [bob.userId]: { ts: server.clock.now() } } },
    });
  });

  it('come with the read marker, which is account data of the room', async () => {
    const first = await send({});
    const second = await send({});
    const markers = (body: object) => bob.ask('POST', `/v3/rooms/${roomId}/read_markers`, body);
    const marker = async () =>
      (await bob.ask('GET', `/v3/user/${bob.userId}/rooms/${roomId}/account_data/m.fully_read`)).body;
    await markers({ 'm.fully_read': second, 'm.read': second, 'm.read.private': second });
    assert.deepEqual(await marker(), { event_id: second });
    const own = await services().receipts.of(bob.userId, await roomNid());
    assert.equal(own.unthreaded?.eventId, second);
    await markers({ 'm.fully_read': first });
    assert.deepEqual(await marker(), { event_id: second });
    const third = await send({});
    assert.deepEqual(await receipt(bob, 'm.fully_read', third), [200, undefined]);
    assert.deepEqual(await marker(), { event_id: third });
  });

  it('are all told from the beginning, and after a restart', async () => {
    const told = await seenBy(alice, 0);
    assert.ok(told);
    const { threads } = await services().receipts.of(bob.userId, await roomNid());
    const before = [...threads.keys()].sort();
    await server.restart();
    assert.deepEqual(await seenBy(alice, 0), told);
    const own = await services().receipts.of(bob.userId, await roomNid());
    assert.deepEqual([...own.threads.keys()].sort(), before);
  });

  it('are found again when there were more than are kept in memory', async () => {
    const since = services().storage.head;
    let last = '';
    for (let n = 0; n < 70; n += 1) {
      last = await send({});
      await receipt(bob, 'm.read', last);
    }
    assert.deepEqual(Object.keys((await seenBy(alice, since)) ?? {}), [last]);
  });
});
