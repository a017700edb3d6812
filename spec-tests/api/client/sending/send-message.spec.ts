import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('sendMessage', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
  });
  after(() => server.stop());

  const send = (user: TestUser, txnId: string, content: unknown, type = 'm.room.message') =>
    user.ask('PUT', `/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${txnId}`, content);
  const eventOf = async (user: TestUser, eventId: string) =>
    (await user.ask('GET', `/v3/rooms/${encodeURIComponent(roomId)}/event/${eventId}`)).body;

  it('answers the id of an event that can be read', async () => {
    const sent = await send(alice, 'first', { msgtype: 'm.text', body: 'hello' });
    strictEqual(sent.status, 200);
    const event = await eventOf(alice, sent.body.event_id);
    deepStrictEqual(event.content, { msgtype: 'm.text', body: 'hello' });
    strictEqual(event.room_id, roomId);
    strictEqual(event.unsigned.transaction_id, 'first');
    strictEqual(event.unsigned.membership, 'join');
  });

  it('sends once for each transaction id, at the same time, later and after a restart', async () => {
    const both = await Promise.all([send(alice, 'once', { body: 'x' }), send(alice, 'once', { body: 'x' })]);
    strictEqual(both[0].body.event_id, both[1].body.event_id);
    strictEqual((await send(alice, 'once', { body: 'another' })).body.event_id, both[0].body.event_id);
    await server.restart();
    strictEqual((await send(alice, 'once', { body: 'x' })).body.event_id, both[0].body.event_id);
    strictEqual((await eventOf(alice, both[0].body.event_id)).unsigned.transaction_id, 'once');
  });

  it('keeps the transaction ids of devices and of types apart', async () => {
    const phone = await server.login('alice', 'PHONE');
    const first = (await send(alice, 'same', { body: 'x' })).body.event_id;
    const fromPhone = (await send(phone, 'same', { body: 'x' })).body.event_id;
    const otherType = (await send(alice, 'same', { body: 'x' }, 'org.example.other')).body.event_id;
    notStrictEqual(first, fromPhone);
    notStrictEqual(first, otherType);
    strictEqual((await eventOf(phone, first)).unsigned.transaction_id, undefined);
  });

  it('lets nobody send who is not in the room', async () => {
    const refused = await send(bob, 'outside', { body: 'x' });
    deepStrictEqual([refused.status, refused.body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('refuses what is no object, no JSON, not canonical or too large', async () => {
    const codes = async (content: unknown) => {
      const { status, body } = await send(alice, 'odd', content);
      return [status, body.errcode];
    };
    deepStrictEqual(await codes([1]), [400, 'M_BAD_JSON']);
    deepStrictEqual(await codes('{"body": '), [400, 'M_NOT_JSON']);
    deepStrictEqual(await codes(''), [400, 'M_NOT_JSON']);
    deepStrictEqual(await codes({ level: 1.5 }), [400, 'M_BAD_JSON']);
    deepStrictEqual(await codes({ level: 2 ** 60 }), [400, 'M_BAD_JSON']);
    deepStrictEqual(await codes({ body: 'x'.repeat(65_000) }), [413, 'M_TOO_LARGE']);
  });

  it('keeps keys of any name as they are', async () => {
    const text = '{"__proto__":{"membership":"join"},"constructor":1,"body":"x"}';
    const sent = await send(alice, 'proto', text);
    strictEqual(sent.status, 200);
    const answer = await fetch(`${server.url}/_matrix/client/v3/rooms/${roomId}/event/${sent.body.event_id}`, {
      headers: { authorization: `Bearer ${alice.accessToken}` },
    });
    ok((await answer.text()).includes('"__proto__":{"membership":"join"}'));
  });

  it('refuses threads that start in the middle of another, or from an edit', async () => {
    const related = (rel_type: string, event_id: string) => ({ body: 'x', 'm.relates_to': { rel_type, event_id } });
    const root = (await send(alice, 'root', { body: 'x' })).body.event_id;
    const within = (await send(alice, 'within', related('m.thread', root))).body.event_id;
    const edit = (await send(alice, 'edit', related('m.replace', root))).body.event_id;
    for (const [i, target] of [within, edit].entries()) {
      const nested = await send(alice, `nested ${i}`, related('m.thread', target));
      deepStrictEqual([nested.status, nested.body.errcode], [400, 'M_UNKNOWN']);
    }
    const inReplyTo = { body: 'x', 'm.relates_to': { 'm.in_reply_to': { event_id: root } } };
    const reply = (await send(alice, 'reply', inReplyTo)).body.event_id;
    strictEqual((await send(alice, 'thread of a reply', related('m.thread', reply))).status, 200);
    strictEqual((await send(alice, 'within again', related('m.thread', root))).status, 200);
  });

  it('refuses to react twice in the same way', async () => {
    const target = (await send(alice, 'target', { body: 'x' })).body.event_id;
    const reaction = (key: string) => ({ 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } });
    const first = await send(alice, 'like 1', reaction('👍'), 'm.reaction');
    strictEqual(first.status, 200);
    const second = await send(alice, 'like 2', reaction('👍'), 'm.reaction');
    deepStrictEqual([second.status, second.body.errcode], [400, 'M_DUPLICATE_ANNOTATION']);
    strictEqual((await send(alice, 'like 3', reaction('🎉'), 'm.reaction')).status, 200);
    await alice.ask('PUT', `/v3/rooms/${roomId}/redact/${first.body.event_id}/r`, {});
    strictEqual((await send(alice, 'like 4', reaction('👍'), 'm.reaction')).status, 200);
  });
});
