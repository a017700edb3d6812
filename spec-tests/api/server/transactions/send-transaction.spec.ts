import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { TestUser } from '../../../support/test-homeserver.ts';
import { startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const FAR = 'far.example';
const ZOE = `@zoe:${FAR}`;

describe('PUT /_matrix/federation/v1/send/{txnId}', () => {
  let test: TestServerApi;
  let alice: TestUser;
  let roomId: string;
  let transactions = 0;

  before(async () => {
    test = await startServerApi();
    alice = test.alice;
    roomId = await test.room();
    await test.member(roomId, ZOE, 'join');
  });
  after(() => test.stop());

  /** Sends EDUs as a server; answers what `alice` sees of them in a sync. */
  const send = async (edus: readonly object[], origin = FAR, pdus: readonly object[] = []) => {
    transactions += 1;
    const body = { origin, origin_server_ts: 1, pdus, edus };
    return test.ask(origin, 'PUT', `/send/${transactions}`, body);
  };
  const edu = (edu_type: string, content: object) => ({ edu_type, content });
  const sync = async (since?: string) => {
    const answer = await alice.ask('GET', `/v3/sync${since === undefined ? '' : `?since=${since}`}`);
    strictEqual(answer.status, 200);
    return answer.body;
  };
  const ephemeral = (body: Awaited<ReturnType<typeof sync>>, type: string) =>
    body.rooms?.join?.[roomId]?.ephemeral.events.find((event: { type: string }) => event.type === type)?.content;
  const fresh = async () => (await sync()).next_batch as string;

  it('takes fifty events and a hundred EDUs at most', async () => {
    strictEqual((await send([], FAR, Array(51).fill({}))).status, 400);
    strictEqual((await send(Array(101).fill({}))).status, 400);
    const full = await send(Array(100).fill(edu('org.example.unknown', {})), FAR, Array(50).fill({}));
    strictEqual(full.status, 200);
  });

  it('passes over what it does not understand', async () => {
    const odd = [7, null, {}, { edu_type: 'm.typing' }, edu('m.typing', { room_id: 4 }), edu('m.receipt', { x: 1 })];
    const more = ['m.presence', 'm.direct_to_device', 'm.device_list_update', 'm.signing_key_update'].map((type) =>
      edu(type, { user_id: ZOE, sender: ZOE, push: [4, {}], message_id: 7, stream_id: 'x', messages: 1 }),
    );
    strictEqual((await send([...(odd as object[]), ...more])).status, 200);
  });

  it('shows who types, as their own server tells of those who are in the room', async () => {
    const since = await fresh();
    const typing = (userId: string, isTyping = true) =>
      edu('m.typing', { room_id: roomId, user_id: userId, typing: isTyping });
    await send([typing(ZOE), typing('@yves:far.example'), typing(alice.userId)]);
    await send([typing(alice.userId), typing(ZOE, false)], 'near.example');
    deepStrictEqual(ephemeral(await sync(since), 'm.typing'), { user_ids: [ZOE] });
    await send([typing(ZOE, false)]);
    deepStrictEqual(ephemeral(await sync(since), 'm.typing'), { user_ids: [] });
  });

  it('moves receipts of users of the server, in their threads', async () => {
    const eventId = await test.say(roomId, 'read this');
    const since = await fresh();
    const receipt = (userId: string, data: object) =>
      edu('m.receipt', { [roomId]: { 'm.read': { [userId]: { event_ids: [eventId], data } } } });
    await send([receipt(ZOE, { ts: 5, thread_id: 'main' }), receipt(alice.userId, { ts: 5 })]);
    deepStrictEqual(ephemeral(await sync(since), 'm.receipt'), {
      [eventId]: { 'm.read': { [ZOE]: { ts: 5, thread_id: 'main' } } },
    });
  });

  it('shows presence to those who share a room', async () => {
    const since = await fresh();
    const about = (user_id: string) => ({ user_id, presence: 'online', last_active_ago: 10, status_msg: 'here' });
    await send([edu('m.presence', { push: [about(ZOE), about('@nobody:far.example'), about(alice.userId)] })]);
    const { presence } = await sync(since);
    const seen = presence.events.filter(({ sender }: { sender: string }) => sender !== alice.userId);
    strictEqual(seen.length, 1);
    deepStrictEqual([seen[0].sender, seen[0].content.presence, seen[0].content.status_msg], [ZOE, 'online', 'here']);
  });

  it('delivers a message to devices once, however often it comes', async () => {
    const since = await fresh();
    const message = (sender: string, message_id: string) =>
      edu('m.direct_to_device', {
        sender,
        type: 'm.test',
        message_id,
        messages: { [alice.userId]: { '*': { id: message_id } }, '@not:here.example': { '*': {} } },
      });
    await send([message(ZOE, 'one'), message(ZOE, 'one'), message('@forged:near.example', 'two')]);
    await send([message(ZOE, 'one'), message(ZOE, 'three')]);
    const { to_device } = await sync(since);
    deepStrictEqual(to_device.events, [
      { type: 'm.test', sender: ZOE, content: { id: 'one' } },
      { type: 'm.test', sender: ZOE, content: { id: 'three' } },
    ]);
  });

  it('names those whose devices or keys have changed, if they share a room', async () => {
    const changed = async (type: string, userId: string, origin = FAR) => {
      const since = await fresh();
      await send([edu(type, { user_id: userId, device_id: 'A', stream_id: 1, prev_id: [] })], origin);
      return (await sync(since)).device_lists?.changed ?? [];
    };
    const yara = '@yara:far.example';
    await test.member(roomId, yara, 'join');
    // Nobody has been told of keys of hers, and her server does not answer.
    deepStrictEqual(await changed('m.device_list_update', yara), []);
    deepStrictEqual(await changed('m.device_list_update', yara), [yara]);
    deepStrictEqual(await changed('m.signing_key_update', yara), [yara]);
    deepStrictEqual(await changed('m.device_list_update', ZOE, 'near.example'), []);
    deepStrictEqual(await changed('m.device_list_update', '@nobody:far.example'), []);
    deepStrictEqual(await changed('m.device_list_update', alice.userId), []);
    ok(true);
  });
});
