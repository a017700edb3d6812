import assert from 'node:assert/strict';
import { idOf, startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

const OTHER = 'other.example';
const THERE = '@there:other.example';

describe('GET /event/{eventId}', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  const get = (eventId: string, server = OTHER) => test.ask(server, 'GET', `/event/${encodeURIComponent(eventId)}`);

  it('answers the event as it was signed', async () => {
    const roomId = await test.room();
    await test.member(roomId, THERE, 'join');
    const eventId = await test.say(roomId, 'hello');
    const { status, body } = await get(eventId);
    assert.equal(status, 200);
    assert.equal(body.origin, 'test.example');
    assert.equal(body.pdus.length, 1);
    assert.equal(idOf(body.pdus[0]), eventId);
    assert.equal(body.pdus[0].content.body, 'hello');
  });

  it('tells a server that is not in the room nothing, not even that there is such an event', async () => {
    const roomId = await test.room();
    const eventId = await test.say(roomId, 'hello');
    const hidden = await get(eventId);
    assert.deepEqual([hidden.status, hidden.body.errcode], [404, 'M_NOT_FOUND']);
    assert.deepEqual(hidden.body, (await get('$nothing')).body);
    await test.member(roomId, THERE, 'join');
    await test.setState(roomId, 'm.room.server_acl', { allow: ['test.example'] });
    assert.deepEqual((await get(eventId)).body, hidden.body);
  });

  it('answers redacted what the history visibility hides from all users of the server', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    const before = await test.say(roomId, 'between us');
    await test.member(roomId, THERE, 'invite', test.alice.userId);
    const invited = await test.say(roomId, 'still between us');
    const join = await test.member(roomId, THERE, 'join');
    const after = await test.say(roomId, 'welcome');
    await test.member(roomId, '@third:third.example', 'join');
    for (const [eventId, server, text] of [
      [before, OTHER, undefined],
      [invited, OTHER, undefined],
      [after, OTHER, 'welcome'],
      [after, 'third.example', undefined],
    ] as const) {
      const { body } = await get(eventId, server);
      assert.equal(idOf(body.pdus[0]), eventId);
      assert.equal(body.pdus[0].content.body, text);
    }
    assert.equal((await get(join)).body.pdus[0].content.membership, 'join');
  });

  it('shows what was sent while somebody of the server was invited where that is the visibility', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'invited' });
    const before = await test.say(roomId, 'between us');
    await test.member(roomId, THERE, 'invite', test.alice.userId);
    const invited = await test.say(roomId, 'soon with us');
    await test.member(roomId, THERE, 'join');
    assert.equal((await get(before)).body.pdus[0].content.body, undefined);
    assert.equal((await get(invited)).body.pdus[0].content.body, 'soon with us');
  });

  it('does not show what was sent after the last user of the server had left, once one is back', async () => {
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    await test.member(roomId, THERE, 'join');
    await test.member(roomId, THERE, 'leave');
    const eventId = await test.say(roomId, 'they are gone');
    await test.member(roomId, '@another:other.example', 'join');
    assert.equal((await get(eventId)).body.pdus[0].content.body, undefined);
  });
});
