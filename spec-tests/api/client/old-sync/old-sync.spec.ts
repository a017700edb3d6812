import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const WORLD = [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }];

describe('What was before sync', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let open: string;
  let closed: string;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    const make = async (body: object) => (await alice.ask('POST', '/v3/createRoom', body)).body.room_id;
    open = await make({ preset: 'public_chat', visibility: 'public', initial_state: WORLD });
    closed = await make({ invite: [bob.userId] });
  });
  after(() => server.stop());

  const say = async (roomId: string, body: string): Promise<string> => {
    const path = `/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${++txn}`;
    return (await alice.ask('PUT', path, { msgtype: 'm.text', body })).body.event_id;
  };
  const bodies = (events: { type: string; content: { body?: string } }[]) =>
    events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body);

  it('tells of all rooms at once', async () => {
    await say(closed, 'one');
    await say(closed, 'two');
    await alice.ask('PUT', `/v3/user/${alice.userId}/rooms/${closed}/tags/u.work`, {});
    const { body } = await alice.ask('GET', '/v3/initialSync?limit=1');
    const room = body.rooms.find(({ room_id: id }: { room_id: string }) => id === closed);
    deepStrictEqual([room.membership, room.visibility], ['join', 'private']);
    deepStrictEqual(bodies(room.messages.chunk), ['two']);
    ok(room.state.some(({ type }: { type: string }) => type === 'm.room.create'));
    ok(room.state.every(({ room_id: id }: { room_id: string }) => id === closed));
    deepStrictEqual(room.account_data[0].type, 'm.tag');
    const older = await alice.ask('GET', `/v3/rooms/${closed}/messages?dir=b&limit=1&from=${room.messages.start}`);
    deepStrictEqual(bodies(older.body.chunk), ['one']);
    const invited = (await bob.ask('GET', '/v3/initialSync')).body.rooms;
    deepStrictEqual(invited, [{ room_id: closed, membership: 'invite', visibility: 'private' }]);
  });

  it('tells of one room, to those outside too if the world may read it', async () => {
    await say(open, 'hello');
    const { body } = await bob.ask('GET', `/v3/rooms/${open}/initialSync?limit=1`);
    deepStrictEqual([body.room_id, body.membership, body.visibility], [open, undefined, 'public']);
    deepStrictEqual(bodies(body.messages.chunk), ['hello']);
    ok(body.state.some(({ type }: { type: string }) => type === 'm.room.join_rules'));
    strictEqual((await bob.ask('GET', `/v3/rooms/${closed}/initialSync`)).body.errcode, 'M_FORBIDDEN');
  });

  it('streams the events of all rooms', async () => {
    const first = (await alice.ask('GET', '/v3/events')).body;
    deepStrictEqual(first.chunk, []);
    const waiting = alice.ask('GET', `/v3/events?from=${first.end}&timeout=30000`);
    await say(closed, 'news');
    const { body } = await waiting;
    deepStrictEqual(bodies(body.chunk), ['news']);
    deepStrictEqual([body.start, body.chunk[0].room_id], [first.end, closed]);
    deepStrictEqual((await alice.ask('GET', `/v3/events?from=${body.end}`)).body.chunk, []);
    strictEqual((await alice.ask('GET', '/v3/events?from=x')).body.errcode, 'M_INVALID_PARAM');
  });

  it('streams the events of a room to those who look in', async () => {
    const peek = async (from: string, timeout = 0) =>
      (await bob.ask('GET', `/v3/events?room_id=${encodeURIComponent(open)}&from=${from}&timeout=${timeout}`)).body;
    const first = await peek('');
    deepStrictEqual(first.chunk, []);
    const waiting = peek(first.end, 30_000);
    await say(closed, 'secret');
    await say(open, 'seen');
    const second = await waiting;
    deepStrictEqual(bodies(second.chunk), ['seen']);
    deepStrictEqual((await peek(second.end)).chunk, []);
    strictEqual((await peek('x')).errcode, 'M_INVALID_PARAM');
    const outside = await bob.ask('GET', `/v3/events?room_id=${encodeURIComponent(closed)}`);
    strictEqual(outside.body.errcode, 'M_FORBIDDEN');
  });

  it('ends the wait when its time is over', async () => {
    const waiting = bob.ask('GET', `/v3/events?room_id=${encodeURIComponent(open)}&timeout=5000`);
    // The request has to be there before time passes.
    while (server.homeserver.services.oldEventStream.waiting === 0) await new Promise(setImmediate);
    server.clock.advance(5_000);
    deepStrictEqual((await waiting).body.chunk, []);
  });

  it('finds an event by its id alone', async () => {
    const id = await say(closed, 'found');
    const { body } = await alice.ask('GET', `/v3/events/${encodeURIComponent(id)}`);
    deepStrictEqual([body.room_id, body.content.body], [closed, 'found']);
    strictEqual((await bob.ask('GET', `/v3/events/${encodeURIComponent(id)}`)).body.errcode, 'M_NOT_FOUND');
    strictEqual((await bob.ask('GET', '/v3/events/$nothing')).body.errcode, 'M_NOT_FOUND');
  });
});
