import assert from 'node:assert/strict';
import { idOf, startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';
const THERE = '@there:other.example';

describe('GET /backfill/{roomId}', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const get = (roomId: string, from: readonly string[], limit: number | string) =>
    test.ask(
      OTHER,
      'GET',
      `/backfill/${roomId}?limit=${limit}${from.map((eventId) => `&v=${encodeURIComponent(eventId)}`).join('')}`,
    );

  async function talk(roomId: string, count: number): Promise<string[]> {
    const said: string[] = [];
    for (let i = 0; i < count; i++) said.push(await test.say(roomId, `message ${i}`));
    return said;
  }

  it('answers the events given and those before them, the latest first', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const said = await talk(roomId, 5);
    const { status, body } = await get(roomId, [said[3]!], 3);
    assert.equal(status, 200);
    assert.deepEqual(body.pdus.map(idOf), [said[3], said[2], said[1]]);
    const both = await get(roomId, [said[1]!, said[4]!, said[4]!], 3);
    assert.deepEqual(both.body.pdus.map(idOf), [said[4], said[3], said[2]]);
  });

  it('ends with the creation of the room, and at 100 events', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const said = await talk(roomId, 110);
    assert.equal((await get(roomId, [said.at(-1)!], 5_000)).body.pdus.length, 100);
    const last = (await get(roomId, [said[5]!], 100)).body.pdus.at(-1);
    assert.equal(idOf(last), `$${roomId.slice(1)}`);
    assert.deepEqual((await get(roomId, [said[5]!], -3)).body.pdus, []);
  });

  it('keeps to the room', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const elsewhere = await test.say(await test.room(), 'elsewhere');
    assert.deepEqual((await get(roomId, [elsewhere, '$nothing', '\u0001', ''], 10)).body.pdus, []);
  });

  it('answers redacted what was sent before anybody of the server could see it', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    const [secret] = await talk(roomId, 1);
    const join = await test.member(roomId, THERE, 'join');
    const [open] = await talk(roomId, 1);
    const { pdus } = (await get(roomId, [open!], 3)).body;
    assert.deepEqual(pdus.map(idOf), [open, join, secret]);
    assert.equal(pdus[0].content.body, 'message 0');
    assert.deepEqual(pdus[2].content, {});
  });

  it('refuses servers that are not in the room', async () => {
    const roomId = await test.room();
    const [eventId] = await talk(roomId, 1);
    const { status, body } = await get(roomId, [eventId!], 10);
    assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('wants to know from where, and how many', async () => {
    const roomId = await test.room();
    assert.equal((await get(roomId, [], 10)).body.errcode, 'M_MISSING_PARAM');
    assert.equal((await get(roomId, ['$a'], 'many')).body.errcode, 'M_INVALID_PARAM');
  });
});
