import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface StateEvent {
  readonly event_id: string;
  readonly type: string;
  readonly state_key: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read content field by field
  readonly content: any;
}

describe('State of rooms', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const room = async (body: object = {}): Promise<string> =>
    (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
  const put = (user: TestUser, roomId: string, path: string, content: object) =>
    user.ask('PUT', `/v3/rooms/${roomId}/state/${path}`, content);
  const get = (user: TestUser, roomId: string, path = '') => user.ask('GET', `/v3/rooms/${roomId}/state${path}`);
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  it('is set and read with and without a state key', async () => {
    const roomId = await room();
    const first = await put(alice, roomId, 'org.example.thing', { a: 1 });
    strictEqual(first.status, 200);
    deepStrictEqual((await get(alice, roomId, '/org.example.thing')).body, { a: 1 });
    deepStrictEqual((await get(alice, roomId, '/org.example.thing/')).body, { a: 1 });
    await put(alice, roomId, 'org.example.thing/', { a: 2 });
    await put(alice, roomId, `org.example.thing/${encodeURIComponent('a key/with %')}`, { a: 3 });
    deepStrictEqual((await get(alice, roomId, '/org.example.thing')).body, { a: 2 });
    deepStrictEqual((await get(alice, roomId, `/org.example.thing/${encodeURIComponent('a key/with %')}`)).body, {
      a: 3,
    });
    const event = (await get(alice, roomId, '/org.example.thing?format=event')).body;
    deepStrictEqual([event.type, event.state_key, event.sender], ['org.example.thing', '', alice.userId]);
    deepStrictEqual([event.unsigned.replaces_state, event.unsigned.prev_content], [first.body.event_id, { a: 1 }]);
    deepStrictEqual(outcome(await get(alice, roomId, '/org.example.nothing')), [404, 'M_NOT_FOUND']);
  });

  it('is not set again to what it is', async () => {
    const roomId = await room();
    const first = await put(alice, roomId, 'm.room.topic', { topic: 'x' });
    const second = await put(alice, roomId, 'm.room.topic', { topic: 'x' });
    strictEqual(second.body.event_id, first.body.event_id);
  });

  it('is set by those who may', async () => {
    const roomId = await room();
    deepStrictEqual(outcome(await put(bob, roomId, 'm.room.topic', { topic: 'x' })), [403, 'M_FORBIDDEN']);
    await bob.ask('POST', `/v3/join/${roomId}`);
    deepStrictEqual(outcome(await put(bob, roomId, 'm.room.topic', { topic: 'x' })), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await put(alice, roomId, `org.example.of/${bob.userId}`, {})), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await put(alice, roomId, 'm.room.create', {})), [400, 'M_BAD_JSON']);
    const levels = { users: { [bob.userId]: 'much' } };
    deepStrictEqual(outcome(await put(alice, roomId, 'm.room.power_levels', levels)), [400, 'M_BAD_JSON']);
    deepStrictEqual(outcome(await put(alice, roomId, 'org.example.thing', { a: 0.5 })), [400, 'M_BAD_JSON']);
    const large = { a: 'x'.repeat(66_000) };
    deepStrictEqual(outcome(await put(alice, roomId, 'org.example.thing', large)), [413, 'M_TOO_LARGE']);
    const longKey = 'k'.repeat(256);
    deepStrictEqual(outcome(await put(alice, roomId, `org.example.thing/${longKey}`, {})), [413, 'M_TOO_LARGE']);
  });

  it('is shown to those who left as it was then', async () => {
    const roomId = await room({ name: 'Then' });
    await bob.ask('POST', `/v3/join/${roomId}`);
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
    await put(alice, roomId, 'm.room.name', { name: 'Now' });
    await put(alice, roomId, 'm.room.topic', { topic: 'New' });
    await alice.ask('POST', `/v3/rooms/${roomId}/ban`, { user_id: bob.userId });
    const check = async () => {
      deepStrictEqual((await get(bob, roomId, '/m.room.name')).body, { name: 'Then' });
      deepStrictEqual(outcome(await get(bob, roomId, '/m.room.topic')), [404, 'M_NOT_FOUND']);
      const state: StateEvent[] = (await get(bob, roomId)).body;
      strictEqual(state.find((e) => e.state_key === bob.userId)?.content.membership, 'leave');
      strictEqual(state.find((e) => e.type === 'm.room.name')?.content.name, 'Then');
      const members: StateEvent[] = (await bob.ask('GET', `/v3/rooms/${roomId}/members`)).body.chunk;
      deepStrictEqual(
        members.map((e) => [e.state_key, e.content.membership]).sort(),
        [
          [alice.userId, 'join'],
          [bob.userId, 'leave'],
        ].sort(),
      );
    };
    await check();
    await server.restart();
    await check();
  });

  it('lists members as they are and as they were, those wanted alone', async () => {
    const roomId = await room();
    const { next_batch: before, rooms } = (await alice.ask('GET', '/v3/sync?timeout=0')).body;
    await bob.ask('POST', `/v3/join/${roomId}`);
    await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: '@carol:test.example' });
    const members = async (query = '') => {
      const { body } = await alice.ask('GET', `/v3/rooms/${roomId}/members?${query}`);
      return body.chunk.map((e: StateEvent) => `${e.state_key.slice(1, 4)} ${e.content.membership}`).sort();
    };
    deepStrictEqual(await members(), ['ali join', 'bob join', 'car invite']);
    deepStrictEqual(await members('membership=join'), ['ali join', 'bob join']);
    deepStrictEqual(await members('not_membership=join'), ['car invite']);
    deepStrictEqual(await members('membership=join&not_membership=ban'), ['ali join', 'bob join', 'car invite']);
    deepStrictEqual(await members(`at=${before}`), ['ali join']);
    deepStrictEqual(await members(`at=${rooms.join[roomId].timeline.prev_batch}`), ['ali join']);
    const { next_batch: now } = (await alice.ask('GET', '/v3/sync?timeout=0')).body;
    deepStrictEqual(await members(`at=${now}`), ['ali join', 'bob join', 'car invite']);
    deepStrictEqual(outcome(await alice.ask('GET', `/v3/rooms/${roomId}/members?at=x`)), [400, 'M_INVALID_PARAM']);
  });

  it('names those who are in the room, with null for what they do not show, to nobody who has left', async () => {
    const roomId = await room();
    await bob.ask('POST', `/v3/join/${roomId}`);
    const joined = (user: TestUser) => user.ask('GET', `/v3/rooms/${roomId}/joined_members`);
    deepStrictEqual((await joined(bob)).body.joined[bob.userId], { display_name: 'bob', avatar_url: null });
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
    deepStrictEqual(Object.keys((await joined(alice)).body.joined), [alice.userId]);
    deepStrictEqual(outcome(await joined(bob)), [403, 'M_FORBIDDEN']);
  });

  it('stays right over many changes, in memory and after a restart', async () => {
    const roomId = await room();
    for (let i = 0; i < 120; i++) await put(alice, roomId, `org.example.thing/${i % 40}`, { i });
    const things = async () => {
      const state: StateEvent[] = (await get(alice, roomId)).body;
      return state.filter((e) => e.type === 'org.example.thing').map((e) => e.content.i);
    };
    const expected = Array.from({ length: 40 }, (_, i) => 80 + i);
    deepStrictEqual((await things()).sort(), expected.sort());
    await bob.ask('POST', `/v3/join/${roomId}`);
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
    for (let i = 120; i < 160; i++) await put(alice, roomId, `org.example.thing/${i % 40}`, { i });
    await server.restart();
    deepStrictEqual(
      (await things()).sort(),
      Array.from({ length: 40 }, (_, i) => 120 + i),
    );
    const old: StateEvent[] = (await get(bob, roomId)).body;
    const seen = old.filter((e) => e.type === 'org.example.thing').map((e) => e.content.i);
    deepStrictEqual(seen.sort(), expected.sort());
  });
});
