import assert from 'node:assert/strict';
import { type FederatedUser, federatedUser } from '../support/federated-users.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

describe('GET /timestamp_to_event of a room with history on another server', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let there: TestPeer;
  let alice: FederatedUser;
  let bob: FederatedUser;
  let transactions = 0;

  before(async function () {
    federation = await startTestFederation(this, 2);
    const [first, second] = federation.servers as [TestPeer, TestPeer];
    there = first;
    alice = await federatedUser(first, 'alice');
    bob = await federatedUser(second, 'bob');
  });
  after(() => federation?.stop());

  async function say(roomId: string, body: string): Promise<{ eventId: string; ts: number }> {
    transactions += 1;
    federation.clock.advance(60_000);
    const path = `/v3/rooms/${roomId}/send/m.room.message/${transactions}`;
    const { event_id: eventId } = await alice.must('PUT', path, { msgtype: 'm.text', body });
    return { eventId, ts: federation.clock.now() };
  }

  const find = (roomId: string, ts: number, dir: string) =>
    bob.ask('GET', `/v1/rooms/${roomId}/timestamp_to_event?ts=${ts}&dir=${dir}`);

  it('finds what was said before this server came, and pages on from there', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const first = await say(roomId, 'one');
    const second = await say(roomId, 'two');
    for (let i = 0; i < 120; i++) await say(roomId, `more ${i}`);
    assert.equal((await bob.join(roomId, there)).status, 200);
    const later = await find(roomId, first.ts + 1, 'f');
    assert.deepEqual(later.body, { event_id: second.eventId, origin_server_ts: second.ts });
    const earlier = await find(roomId, second.ts - 1, 'b');
    assert.equal(earlier.body.event_id, first.eventId);
    // All of the history may be here by now: then it is found all the same.
    await bob.must('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=200`);
    assert.equal((await find(roomId, first.ts + 1, 'f')).body.event_id, second.eventId);
    assert.equal((await find(roomId, second.ts - 1, 'b')).body.event_id, first.eventId);
    const newest = await find(roomId, federation.clock.now(), 'b');
    assert.equal(newest.status, 200);
    const context = await bob.must('GET', `/v3/rooms/${roomId}/context/${second.eventId}?limit=4`);
    assert.ok(context.events_before.some((event: { event_id: string }) => event.event_id === first.eventId));
  });

  it('answers what it has itself when nobody else can be asked', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const { ts } = await say(roomId, 'one');
    federation.clock.advance(60_000);
    assert.equal((await bob.join(roomId, there)).status, 200);
    await there.halt();
    const found = await find(roomId, ts, 'f');
    assert.equal(found.status, 200);
    assert.ok(found.body.origin_server_ts > ts);
    await there.restart();
  });
});
