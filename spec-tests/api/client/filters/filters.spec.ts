import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Filters', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const path = (id = '') => `/v3/user/${alice.userId}/filter${id === '' ? '' : `/${id}`}`;
  const filters = () => server.homeserver.services.filters;

  before(async () => {
    server = await startTestHomeserver({ limits: { filters_per_user: 3 } });
    alice = await server.register('alice');
  });
  after(() => server.stop());

  it('are given back as they were stored, and have one id for one filter', async () => {
    const filter = { room: { timeline: { limit: 5 } }, 'org.example.extra': true };
    const { filter_id } = (await alice.ask('POST', path(), filter)).body;
    assert.match(filter_id, /^[^{]/);
    assert.deepEqual((await alice.ask('GET', path(filter_id))).body, filter);
    assert.equal((await alice.ask('POST', path(), filter)).body.filter_id, filter_id);
  });

  it('are refused with the name of the field that is wrong', async () => {
    const { status, body } = await alice.ask('POST', path(), { room: { timeline: { limit: 'many' } } });
    assert.deepEqual([status, body.errcode], [400, 'M_BAD_JSON']);
    assert.match(body.error, /timeline\.limit/);
  });

  it('answer 404 M_NOT_FOUND for an unknown id', async () => {
    const { status, body } = await alice.ask('GET', path('none'));
    assert.deepEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
  });

  it('are nobody else’s', async () => {
    const bob = await server.register('bob');
    assert.equal((await bob.ask('POST', path(), {})).status, 403);
    assert.equal((await bob.ask('GET', path('none'))).status, 403);
  });

  it('forget the oldest beyond the bound', async () => {
    const ids: string[] = [];
    for (let limit = 10; limit < 14; limit += 1) {
      server.clock.advance(1000);
      ids.push((await alice.ask('POST', path(), { room: { timeline: { limit } } })).body.filter_id);
    }
    assert.equal((await alice.ask('GET', path(ids[0]))).status, 404);
    assert.equal((await alice.ask('GET', path(ids[1]))).status, 200);
  });

  it('are compiled once, by id and by their text', async () => {
    const { filter_id } = (await alice.ask('POST', path(), { room: { include_leave: true } })).body;
    const byId = await filters().resolve(alice.userId, filter_id);
    assert.equal(byId.includeLeave, true);
    assert.equal(await filters().resolve(alice.userId, filter_id), byId);
    const text = '{"presence":{"types":[]}}';
    assert.equal((await filters().resolve(alice.userId, text)).presence.passesNothing, true);
    assert.equal(await filters().resolve(alice.userId, text), await filters().resolve(alice.userId, text));
    assert.equal((await filters().resolve(alice.userId, undefined)).wholeEvents, true);
  });

  it('are refused in a query when they are unknown or no JSON', async () => {
    await assert.rejects(filters().resolve(alice.userId, 'none'), { errcode: 'M_INVALID_PARAM' });
    await assert.rejects(filters().resolve(alice.userId, '{'), { errcode: 'M_NOT_JSON' });
    assert.throws(() => filters().resolveRoomEvents('{"limit":"x"}'), { errcode: 'M_BAD_JSON' });
  });
});
