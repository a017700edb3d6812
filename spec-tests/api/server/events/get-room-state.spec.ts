import assert from 'node:assert/strict';
import { idOf, startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';

describe('GET /state and /state_ids', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const at = (eventId: string) => `?event_id=${encodeURIComponent(eventId)}`;
  const state = (roomId: string, eventId: string) => test.ask(OTHER, 'GET', `/state/${roomId}${at(eventId)}`);
  const ids = (roomId: string, eventId: string) => test.ask(OTHER, 'GET', `/state_ids/${roomId}${at(eventId)}`);

  it('answer the state before the event, and its auth chain', async () => {
    const roomId = await test.room();
    await test.member(roomId, '@there:other.example', 'join');
    const first = await test.setState(roomId, 'm.room.topic', { topic: 'first' });
    const second = await test.setState(roomId, 'm.room.topic', { topic: 'second' });
    const message = await test.say(roomId, 'hello');

    assert.ok((await ids(roomId, second)).body.pdu_ids.includes(first));
    assert.ok(!(await ids(roomId, first)).body.pdu_ids.includes(first));
    const { body } = await ids(roomId, message);
    assert.ok(body.pdu_ids.includes(second) && !body.pdu_ids.includes(first));

    const whole = (await state(roomId, message)).body;
    assert.deepEqual(whole.pdus.map(idOf).sort(), body.pdu_ids.toSorted());
    assert.deepEqual(whole.auth_chain.map(idOf).sort(), body.auth_chain_ids.toSorted());
    const known = new Set([...body.pdu_ids, ...body.auth_chain_ids]);
    for (const pdu of [...whole.pdus, ...whole.auth_chain]) {
      for (const eventId of pdu.auth_events) assert.ok(body.auth_chain_ids.includes(eventId) && known.has(eventId));
    }
  });

  it('answer nothing for the creation of the room', async () => {
    const roomId = await test.room();
    await test.member(roomId, '@there:other.example', 'join');
    const { body } = await ids(roomId, `$${roomId.slice(1)}`);
    assert.deepEqual(body, { pdu_ids: [], auth_chain_ids: [] });
  });

  it('answer large states whole', async function () {
    this.timeout(20_000);
    const roomId = await test.room();
    await test.member(roomId, '@there:other.example', 'join');
    const { timeline } = test.server.homeserver.services;
    const members = Array.from({ length: 1_200 }, (_, n) => ({
      type: 'm.room.member',
      sender: `@u${n}:other.example`,
      stateKey: `@u${n}:other.example`,
      content: { membership: 'join', displayname: `Number ${n}` },
    }));
    await timeline.change(roomId, (turn, room) => timeline.append(turn, room, members));
    const message = await test.say(roomId, 'crowded');
    const { status, body } = await state(roomId, message);
    assert.equal(status, 200);
    assert.deepEqual(body.pdus.map(idOf).sort(), (await ids(roomId, message)).body.pdu_ids.toSorted());
  });

  it('refuse servers that are not in the room or shut out, and events of other rooms', async () => {
    const roomId = await test.room();
    const message = await test.say(roomId, 'hello');
    for (const ask of [state, ids]) {
      const { status, body } = await ask(roomId, message);
      assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
    }
    await test.member(roomId, '@there:other.example', 'join');
    const elsewhere = await test.say(await test.room(), 'elsewhere');
    for (const eventId of [elsewhere, '$nothing', 'x']) {
      for (const ask of [state, ids]) {
        const { status, body } = await ask(roomId, eventId);
        assert.deepEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
      }
    }
    await test.setState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['other.example'] });
    for (const ask of [state, ids]) assert.equal((await ask(roomId, message)).body.errcode, 'M_FORBIDDEN');
  });
});
