import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const WITH_THREADS = '{"room":{"timeline":{"unread_thread_notifications":true}}}';

/** Source: https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts */
describe('What is unread in threads', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let room: string;
  let roomId: string;
  let count = 0;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver();
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    [alice, bob] = [await server.register(`alice${count}`), await server.register(`bob${count}`)];
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
  });

  const send = async (
    relation: [relType: string, eventId: string] | undefined,
    more: object = {},
    type = 'm.room.message',
  ) => {
    const [rel_type, event_id] = relation ?? [];
    const related = relation
      ? { 'm.relates_to': { rel_type, event_id, ...(rel_type === 'm.annotation' ? { key: 'k' } : {}) } }
      : {};
    const content = { msgtype: 'm.text', body: 'x', ...related, ...more };
    const answer = await alice.ask('PUT', `${room}/send/${type}/${++txn}`, content);
    strictEqual(answer.status, 200);
    return answer.body.event_id as string;
  };
  const mention = () => ({ 'm.mentions': { user_ids: [bob.userId] } });
  const reads = async (eventId: string, thread?: string, type = 'm.read') => {
    const body = thread === undefined ? {} : { thread_id: thread };
    strictEqual((await bob.ask('POST', `${room}/receipt/${type}/${eventId}`, body)).status, 200);
  };
  /** Notifications and highlights: of all, of the main timeline, and of a thread. */
  const counts = async (root: string) => {
    const told = async (filter: string) =>
      (await bob.ask('GET', `/v3/sync?filter=${encodeURIComponent(filter)}`)).body.rooms.join[roomId];
    const pair = (counted: { notification_count: number; highlight_count: number } | undefined) =>
      counted ? [counted.notification_count, counted.highlight_count] : [0, 0];
    const apart = await told(WITH_THREADS);
    const together = await told('{}');
    strictEqual(together.unread_thread_notifications, undefined);
    // As long as there is nothing in any thread, clients are told of none.
    strictEqual(
      apart.unread_thread_notifications === undefined,
      pair(apart.unread_thread_notifications?.[root])[0] === 0,
    );
    return [
      pair(together.unread_notifications),
      pair(apart.unread_notifications),
      pair(apart.unread_thread_notifications?.[root]),
    ];
  };

  it('is read by receipts for the thread, for the main timeline, and for all', async () => {
    const root = await send(undefined);
    const first = await send(['m.thread', root]);
    await send(['m.thread', root], mention());
    const main = await send(undefined, mention());
    await send(['m.thread', root]);
    const reference = await send(['m.reference', root]);
    const reaction = await send(['m.annotation', reference], {}, 'm.reaction');
    deepStrictEqual(await counts(root), [
      [6, 2],
      [3, 1],
      [3, 1],
    ]);
    await reads(root, 'main');
    deepStrictEqual(await counts(root), [
      [5, 2],
      [2, 1],
      [3, 1],
    ]);
    await reads(first, root);
    deepStrictEqual(await counts(root), [
      [4, 2],
      [2, 1],
      [2, 1],
    ]);
    await reads(main);
    deepStrictEqual(await counts(root), [
      [2, 0],
      [1, 0],
      [1, 0],
    ]);
    await server.restart();
    deepStrictEqual(await counts(root), [
      [2, 0],
      [1, 0],
      [1, 0],
    ]);
    // It relates to the root otherwise than by the thread: with the root it is in both.
    await reads(reaction, root);
    deepStrictEqual(await counts(root), [
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    await reads(reaction, 'main');
    deepStrictEqual(await counts(root), [
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('is read by private receipts, and by those at what relates to an event of the thread', async () => {
    const root = await send(undefined);
    const within = await send(['m.thread', root]);
    deepStrictEqual(await counts(root), [
      [2, 0],
      [1, 0],
      [1, 0],
    ]);
    await reads(await send(['m.annotation', within], {}, 'm.reaction'), root, 'm.read.private');
    deepStrictEqual(await counts(root), [
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    await send(['m.thread', root], mention());
    deepStrictEqual(await counts(root), [
      [2, 1],
      [1, 0],
      [1, 1],
    ]);
    await reads(within, root);
    deepStrictEqual(await counts(root), [
      [2, 1],
      [1, 0],
      [1, 1],
    ]);
  });
});
