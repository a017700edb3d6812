import assert from 'node:assert/strict';
import { idOf, startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';

describe('GET /event_auth/{roomId}/{eventId}', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const get = (roomId: string, eventId: string) =>
    test.ask(OTHER, 'GET', `/event_auth/${roomId}/${encodeURIComponent(eventId)}`);

  it('answers all that an event follows from', async () => {
    const roomId = await test.room();
    const eventId = await test.member(roomId, '@there:other.example', 'join');
    const { status, body } = await get(roomId, eventId);
    assert.equal(status, 200);
    const ids = body.auth_chain.map(idOf);
    assert.ok(ids.includes(`$${roomId.slice(1)}`));
    assert.ok(!ids.includes(eventId));
    for (const pdu of body.auth_chain) for (const id of pdu.auth_events) assert.ok(ids.includes(id));
  });

  it('refuses servers that are not in the room, and events of other rooms', async () => {
    const roomId = await test.room();
    const eventId = await test.say(roomId, 'hello');
    assert.equal((await get(roomId, eventId)).body.errcode, 'M_FORBIDDEN');
    assert.equal((await get('!nowhere:test.example', eventId)).body.errcode, 'M_FORBIDDEN');
    await test.member(roomId, '@there:other.example', 'join');
    const elsewhere = await test.say(await test.room(), 'elsewhere');
    assert.equal((await get(roomId, elsewhere)).body.errcode, 'M_NOT_FOUND');
  });
});
