import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('GET /notifications', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver({ limits: { notifications_scan: 200 } });
    alice = await server.register('alice');
  });
  after(() => server.stop());
  beforeEach(async () => {
    txn += 1;
    bob = await server.register(`bob${txn}`);
  });

  const room = async () => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`);
    return roomId as string;
  };
  const send = async (roomId: string, body: string, more: object = {}, user = alice) => {
    const path = `/v3/rooms/${roomId}/send/m.room.message/n${++txn}`;
    return (await user.ask('PUT', path, { msgtype: 'm.text', body, ...more })).body.event_id as string;
  };
  const list = async (query = '') => {
    const { status, body } = await bob.ask('GET', `/v3/notifications?${query}`);
    strictEqual(status, 200, JSON.stringify(body));
    return body as {
      notifications: { event: { event_id: string }; read: boolean; actions: unknown[]; room_id: string }[];
      next_token?: string;
    };
  };
  const ids = (body: { notifications: { event: { event_id: string } }[] }) =>
    body.notifications.map(({ event }) => event.event_id);

  it('lists what notified the user in all rooms, newest first, and whether it was read', async () => {
    const [one, two] = [await room(), await room()];
    const first = await send(one, 'first');
    const second = await send(two, 'second');
    await send(two, 'own', {}, bob);
    const third = await send(one, 'third');
    await bob.ask('POST', `/v3/rooms/${two}/receipt/m.read/${second}`, {});
    const body = await list();
    deepStrictEqual(ids(body), [third, second, first]);
    deepStrictEqual(
      body.notifications.map(({ read }) => read),
      [false, true, false],
    );
    deepStrictEqual(body.notifications[0]?.actions, ['notify', { set_tweak: 'sound', value: 'default' }]);
    strictEqual(body.next_token, undefined);
  });

  it('goes on page by page', async () => {
    const [one, two] = [await room(), await room()];
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) sent.push(await send(i % 2 === 0 ? one : two, `${i}`));
    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const body = await list(`limit=2${next === undefined ? '' : `&from=${next}`}`);
      pages.push(ids(body));
      next = body.next_token;
    } while (next !== undefined && pages.length < 10);
    deepStrictEqual(pages.flat(), sent.reverse());
    const refused = await bob.ask('GET', '/v3/notifications?from=x');
    deepStrictEqual([refused.status, refused.body.errcode], [400, 'M_INVALID_PARAM']);
  });

  it('finds what lies behind much that does not notify', async () => {
    const one = await room();
    const first = await send(one, 'first');
    for (let i = 0; i < 250; i++) await send(one, 'own', {}, bob);
    const body = await list();
    deepStrictEqual(ids(body), []);
    deepStrictEqual(ids(await list(`from=${body.next_token}`)), [first]);
  });

  it('shows only highlights if asked, and nothing of muted rooms', async () => {
    const [one, two] = [await room(), await room()];
    await send(one, 'plain');
    const mention = await send(one, 'you', { 'm.mentions': { user_ids: [bob.userId] } });
    await bob.ask('PUT', `/v3/pushrules/global/room/${encodeURIComponent(two)}`, { actions: [] });
    await send(two, 'muted');
    deepStrictEqual(ids(await list('only=highlight')), [mention]);
    strictEqual((await list()).notifications.length, 2);
  });
});
