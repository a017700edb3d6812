import assert from 'node:assert/strict';
import { startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';
const THERE = '@there:other.example';

describe('GET /timestamp_to_event/{roomId}', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const get = (roomId: string, ts: number, dir: string) =>
    test.ask(OTHER, 'GET', `/timestamp_to_event/${roomId}?ts=${ts}&dir=${dir}`);

  it('answers the event closest to a time in a direction', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const { clock } = test.server;
    clock.advance(60_000);
    const first = await test.say(roomId, 'one');
    const time = clock.now();
    clock.advance(60_000);
    const second = await test.say(roomId, 'two');
    assert.deepEqual((await get(roomId, time + 10, 'b')).body, { event_id: first, origin_server_ts: time });
    assert.equal((await get(roomId, time + 10, 'f')).body.event_id, second);
    const none = await get(roomId, clock.now() + 1, 'f');
    assert.deepEqual([none.status, none.body.errcode], [404, 'M_NOT_FOUND']);
  });

  it('passes over what the server may not see, and refuses one that is not in the room', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    test.server.clock.advance(60_000);
    const secret = test.server.clock.now();
    await test.say(roomId, 'between us');
    assert.equal((await get(roomId, secret, 'f')).body.errcode, 'M_FORBIDDEN');
    test.server.clock.advance(60_000);
    const join = await test.member(roomId, THERE, 'join');
    assert.equal((await get(roomId, secret, 'f')).body.event_id, join);
  });
});
