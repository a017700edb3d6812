import { deepStrictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('What counts as unread', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const relates = (rel_type: string, event_id: string, more: object = {}) => ({
    'm.relates_to': { rel_type, event_id, ...more },
  });
  const text = { msgtype: 'm.text', body: 'hello' };
  const secret = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'abc', session_id: 's', device_id: 'D' };
  const mention = { 'm.mentions': { user_ids: ['@bob:test.example'] } };

  interface Case {
    readonly what: string;
    readonly type: string;
    readonly content: (root: string) => object;
    readonly counts: [main: number, highlights: number, thread: number];
  }
  const edit = (root: string) => ({ ...text, 'm.new_content': text, ...relates('m.replace', root) });
  const cases: Case[] = [
    { what: 'a message', type: 'm.room.message', content: () => text, counts: [1, 0, 0] },
    { what: 'a mention', type: 'm.room.message', content: () => ({ ...text, ...mention }), counts: [1, 1, 0] },
    { what: 'what is encrypted', type: 'm.room.encrypted', content: () => secret, counts: [1, 0, 0] },
    { what: 'the beginning of a poll', type: 'm.poll.start', content: () => ({ 'm.poll': {} }), counts: [1, 0, 0] },
    {
      what: 'a message in a thread',
      type: 'm.room.message',
      content: (root) => ({ ...text, ...relates('m.thread', root) }),
      counts: [0, 0, 1],
    },
    {
      what: 'a notice',
      type: 'm.room.message',
      content: () => ({ msgtype: 'm.notice', body: 'x' }),
      counts: [0, 0, 0],
    },
    { what: 'an edit', type: 'm.room.message', content: edit, counts: [0, 0, 0] },
    {
      what: 'an encrypted edit',
      type: 'm.room.encrypted',
      content: (root) => ({ ...secret, ...relates('m.replace', root) }),
      counts: [0, 0, 0],
    },
    {
      what: 'a reaction',
      type: 'm.reaction',
      content: (root) => relates('m.annotation', root, { key: '👍' }),
      counts: [0, 0, 0],
    },
    {
      what: 'a vote in a poll',
      type: 'm.poll.response',
      content: (root) => ({ 'm.selections': ['a'], ...relates('m.reference', root) }),
      counts: [0, 0, 0],
    },
    {
      what: 'a vote by its old name',
      type: 'org.matrix.msc3381.poll.response',
      content: (root) => ({ 'org.matrix.msc3381.poll.response': {}, ...relates('m.reference', root) }),
      counts: [0, 0, 0],
    },
    {
      what: 'the end of a poll',
      type: 'm.poll.end',
      content: (root) => ({ 'm.text': [], ...relates('m.reference', root) }),
      counts: [1, 0, 0],
    },
    { what: 'a redaction', type: 'm.room.redaction', content: (root) => ({ redacts: root }), counts: [0, 0, 0] },
    { what: 'an event of a type that nobody knows', type: 'org.example.x', content: () => text, counts: [0, 0, 0] },
  ];

  for (const { what, type, content, counts } of cases) {
    it(`${counts.some((count) => count > 0) ? 'is' : 'is not'} ${what}`, async () => {
      const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
      const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
      await bob.ask('POST', `${room}/join`, {});
      const root = (await bob.ask('PUT', `${room}/send/m.room.message/${++txn}`, text)).body.event_id;
      const before = (await bob.ask('GET', '/v3/sync')).body.next_batch;
      const sent = await alice.ask('PUT', `${room}/send/${type}/${++txn}`, content(root));
      deepStrictEqual(sent.status, 200);
      const filter = encodeURIComponent('{"room":{"timeline":{"unread_thread_notifications":true}}}');
      const { body } = await bob.ask('GET', `/v3/sync?since=${before}&filter=${filter}`);
      const told = body.rooms.join[roomId];
      const thread = told.unread_thread_notifications?.[root]?.notification_count ?? 0;
      const { notification_count: main, highlight_count: highlights } = told.unread_notifications;
      deepStrictEqual([main, highlights, thread], counts);
    });
  }

  it('is nothing that was redacted, before and after a restart', async () => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
    const say = async (content: object) =>
      (await alice.ask('PUT', `${room}/send/m.room.message/${++txn}`, { ...text, ...content })).body.event_id;
    const counts = async () => {
      const filter = encodeURIComponent('{"room":{"timeline":{"unread_thread_notifications":true}}}');
      const told = (await bob.ask('GET', `/v3/sync?filter=${filter}`)).body.rooms.join[roomId];
      const { notification_count: main, highlight_count: highlights } = told.unread_notifications;
      return [main, highlights, told.unread_thread_notifications?.[root]?.notification_count ?? 0];
    };
    const root = await say({});
    const redacted = [await say({}), await say(mention), await say(relates('m.thread', root))];
    await say(relates('m.thread', root));
    deepStrictEqual(await counts(), [3, 1, 2]);
    for (const id of redacted) await alice.ask('PUT', `${room}/redact/${id}/${++txn}`, {});
    deepStrictEqual(await counts(), [1, 0, 1]);
    await server.restart();
    deepStrictEqual(await counts(), [1, 0, 1]);
    await say({});
    deepStrictEqual(await counts(), [2, 0, 1]);
  });

  it('stays what it was when the user makes rules of their own; what these kept silent counts without them', async () => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
    const say = (body: string, more: object = {}) =>
      alice.ask('PUT', `${room}/send/m.room.message/${++txn}`, { msgtype: 'm.text', body, ...more });
    const counts = async () => {
      const told = (await bob.ask('GET', '/v3/sync')).body.rooms.join[roomId].unread_notifications;
      return [told.notification_count, told.highlight_count];
    };
    await say('have cake');
    await say('look', mention);
    deepStrictEqual(await counts(), [2, 1]);
    const rule = { pattern: 'cake', actions: ['notify', { set_tweak: 'highlight' }] };
    await bob.ask('PUT', '/v3/pushrules/global/content/cake', rule);
    deepStrictEqual(await counts(), [2, 1]);
    await say('more cake');
    await say('no more');
    deepStrictEqual(await counts(), [4, 2]);
    await server.restart();
    deepStrictEqual(await counts(), [4, 2]);
    await bob.ask('PUT', `/v3/pushrules/global/room/${encodeURIComponent(roomId)}`, { actions: [] });
    await say('unheard');
    deepStrictEqual(await counts(), [4, 2]);
    await bob.ask('DELETE', `/v3/pushrules/global/room/${encodeURIComponent(roomId)}`);
    await bob.ask('DELETE', '/v3/pushrules/global/content/cake');
    await say('heard');
    deepStrictEqual(await counts(), [6, 2]);
  });

  it('is no mention by somebody whom the user ignores', async () => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
    await alice.ask('PUT', `${room}/send/m.room.message/${++txn}`, { ...text, ...mention });
    const list = `/v3/user/${encodeURIComponent(bob.userId)}/account_data/m.ignored_user_list`;
    await bob.ask('PUT', list, { ignored_users: { [alice.userId]: {} } });
    const { body } = await bob.ask('GET', '/v3/sync');
    deepStrictEqual(body.rooms.join[roomId].unread_notifications, { highlight_count: 0, notification_count: 0 });
    await bob.ask('PUT', list, {});
  });

  it('is no state', async () => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await bob.ask('POST', `/v3/rooms/${encodeURIComponent(roomId)}/join`, {});
    await alice.ask('PUT', `/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.topic`, { topic: 'x' });
    const { body } = await bob.ask('GET', '/v3/sync');
    deepStrictEqual(body.rooms.join[roomId].unread_notifications, { highlight_count: 0, notification_count: 0 });
  });
});
