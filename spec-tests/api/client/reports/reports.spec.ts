import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Reports', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let admin: TestUser;
  let roomId: string;
  let eventId: string;

  before(async () => {
    server = await startTestHomeserver({ limits: { reports_per_user: 3, report_reason_size: '1KB' } });
    alice = await server.register('alice');
    bob = await server.register('bob');
    admin = await server.register('admin');
    await server.homeserver.services.accounts.setAdmin(admin.userId, true);
    roomId = (await bob.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await alice.ask('POST', `/v3/join/${roomId}`);
    const sent = await bob.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/1`, { body: 'rude' });
    eventId = sent.body.event_id;
  });
  after(() => server.stop());

  const outcome = async (user: TestUser, path: string, body: object = { reason: 'rude' }) => {
    const answer = await user.ask('POST', path, body);
    return [answer.status, answer.body.errcode];
  };
  const listed = async (query = '') => (await admin.ask('GET', `/_igchat/admin/v1/reports${query}`)).body;

  it('of events, rooms and users reach the administrators', async () => {
    deepStrictEqual(await outcome(alice, `/v3/rooms/${roomId}/report/${eventId}`), [200, undefined]);
    server.clock.advance(1_000);
    deepStrictEqual(await outcome(alice, `/v3/rooms/${roomId}/report`, { reason: 'bad room' }), [200, undefined]);
    deepStrictEqual(await outcome(alice, `/v3/users/${bob.userId}/report`, { reason: '' }), [200, undefined]);
    const now = server.clock.now();
    const { reports, total } = await listed();
    deepStrictEqual(reports, [
      { id: 3, reporter: alice.userId, reason: '', ts: now, user_id: bob.userId },
      { id: 2, reporter: alice.userId, reason: 'bad room', ts: now, room_id: roomId },
      {
        ...{ id: 1, reporter: alice.userId, reason: 'rude', ts: now - 1_000 },
        ...{ room_id: roomId, event_id: eventId, user_id: bob.userId },
      },
    ]);
    strictEqual(total, 3);
    const page = await listed('?limit=2');
    deepStrictEqual([page.reports.length, page.next_token], [2, 2]);
    deepStrictEqual((await listed(`?from=${page.next_token}`)).reports.length, 1);
  });

  it('of what is not there, or not to be seen, are refused', async () => {
    const carol = await server.register('carol');
    deepStrictEqual(await outcome(carol, `/v3/rooms/${roomId}/report/${eventId}`), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await outcome(alice, `/v3/rooms/${roomId}/report/$other`), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await outcome(alice, '/v3/rooms/!other:test.example/report'), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await outcome(alice, '/v3/users/@nobody:test.example/report'), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await outcome(alice, `/v3/rooms/${roomId}/report`, {}), [400, 'M_MISSING_PARAM']);
    const long = { reason: 'x'.repeat(1_025) };
    deepStrictEqual(await outcome(alice, `/v3/users/${bob.userId}/report`, long), [413, 'M_TOO_LARGE']);
  });

  it('of one user push out the oldest of the same', async () => {
    await outcome(bob, `/v3/users/${alice.userId}/report`, { reason: 'of bob' });
    for (let i = 0; i < 4; i++) await outcome(alice, `/v3/users/${bob.userId}/report`, { reason: `${i}` });
    const reasons = (await listed()).reports.map((report: { reason: string }) => report.reason);
    deepStrictEqual(reasons, ['3', '2', '1', 'of bob']);
  });

  it('are for administrators alone', async () => {
    const answer = await alice.ask('GET', '/_igchat/admin/v1/reports');
    deepStrictEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
  });
});
