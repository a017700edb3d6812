import assert from 'node:assert/strict';
import { idOf, startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';
const THERE = '@there:other.example';

describe('POST /get_missing_events/{roomId}', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const post = (roomId: string, body: object) => test.ask(OTHER, 'POST', `/get_missing_events/${roomId}`, body);

  async function talk(roomId: string, count: number): Promise<string[]> {
    const said: string[] = [];
    for (let i = 0; i < count; i++) said.push(await test.say(roomId, `message ${i}`));
    return said;
  }

  it('answers what is between the earliest and the latest events, in the order of the event graph', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const said = await talk(roomId, 6);
    const { status, body } = await post(roomId, { earliest_events: [said[1]], latest_events: [said[5]] });
    assert.equal(status, 200);
    assert.deepEqual(body.events.map(idOf), said.slice(2, 5));
    assert.deepEqual((await post(roomId, { earliest_events: [said[4]], latest_events: [said[5]] })).body.events, []);
  });

  it('answers ten unless told otherwise, twenty at most, and nothing beneath the least depth', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const said = await talk(roomId, 30);
    const ask = async (more: object) =>
      (await post(roomId, { earliest_events: [], latest_events: [said[29]], ...more })).body.events;
    assert.deepEqual((await ask({})).map(idOf), said.slice(19, 29));
    assert.equal((await ask({ limit: 1_000 })).length, 20);
    const [oldest] = await ask({ limit: 3 });
    assert.equal((await ask({ min_depth: oldest.depth })).length, 3);
    assert.deepEqual(await ask({ limit: -1 }), []);
  });

  it('answers redacted what the server may not see', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    const [secret] = await talk(roomId, 1);
    const join = await test.member(roomId, THERE, 'join');
    const { events } = (await post(roomId, { earliest_events: [], latest_events: [join], limit: 1 })).body;
    assert.deepEqual(events.map(idOf), [secret]);
    assert.deepEqual(events[0].content, {});
  });

  it('refuses servers that are not in the room, and keeps to it', async () => {
    const roomId = await test.room();
    const [eventId] = await talk(roomId, 1);
    const request = { earliest_events: [], latest_events: [eventId, '\u0000', 'x'.repeat(1_000)] };
    assert.equal((await post(roomId, request)).body.errcode, 'M_FORBIDDEN');
    const other = await test.room();
    await test.member(other, THERE, 'join');
    assert.deepEqual((await post(other, request)).body.events, []);
  });
});
