import assert from 'node:assert/strict';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { ScriptedResident } from '../../support/scripted-resident.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('Servers that join rooms before they know all members', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let a: TestPeer;
  let b: TestPeer;
  let c: TestPeer;
  let alice: FederatedUser;
  let bob: FederatedUser;
  let carol: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 3, { federation: { partial_joins: true, single_event_requests: 2 } });
    [a, b, c] = federation.servers as [TestPeer, TestPeer, TestPeer];
    alice = await federatedUser(a, 'alice');
    bob = await federatedUser(b, 'bob');
    carol = await federatedUser(c, 'carol');
  });
  after(() => federation?.stop());

  const stateOf = async (user: FederatedUser, roomId: string): Promise<string[]> => {
    const state = await user.must('GET', `/v3/rooms/${roomId}/state`);
    return state.map((event: { event_id: string }) => event.event_id).sort();
  };
  const isPartial = async ({ homeserver }: TestPeer, roomId: string) =>
    (await homeserver.services.rooms.get(roomId))?.partial !== undefined;

  it('come to the same state, and to the history from before', async () => {
    const roomId = await alice.room({ preset: 'public_chat', name: 'Many' });
    for (let i = 0; i < 8; i++) {
      const user = await federatedUser(a, `user${i}`);
      assert.equal((await user.join(roomId)).status, 200);
    }
    await alice.must('PUT', `/v3/rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'long ago' });
    assert.equal((await bob.join(roomId, a)).status, 200);
    assert.equal((await carol.join(roomId, a)).status, 200);
    await bob.must('PUT', `/v3/rooms/${roomId}/send/m.room.message/2`, { msgtype: 'm.text', body: 'at once' });
    await Promise.all([b, c].map(({ homeserver }) => homeserver.services.stateJobs.drain()));
    const heard = (sync: { rooms?: { join?: Record<string, { timeline: { events: { content: object }[] } }> } }) =>
      sync.rooms?.join?.[roomId]?.timeline.events.some(({ content }) => 'body' in content && content.body === 'at once')
        ? true
        : undefined;
    await alice.until(heard);
    await carol.until(heard);
    const expected = await stateOf(alice, roomId);
    assert.deepEqual(await stateOf(bob, roomId), expected);
    assert.deepEqual(await stateOf(carol, roomId), expected);
    assert.equal((await bob.members(roomId)).length, 11);
    const { chunk } = await bob.must('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=100`);
    assert.ok(chunk.some(({ content }: { content: { body?: string } }) => content.body === 'long ago'));
  });

  it('ask another one for the state if the one that let them in does not tell it', async () => {
    const hostile = await HostileServer.start(federation);
    const resident = new ScriptedResident(hostile, new HostileRoom(hostile, { now: () => federation.clock.now() }));
    for (const name of ['m1', 'm2', 'm3', 'm4']) resident.member(name);
    const roomId = resident.room.id;
    resident.telling = 'state';
    assert.equal((await carol.join(roomId, { serverName: hostile.name })).status, 200);
    await c.homeserver.services.stateJobs.drain();
    resident.telling = 'errors';
    resident.servers = [hostile.name, c.serverName];
    assert.equal((await bob.join(roomId, { serverName: hostile.name })).status, 200);
    // Bob's join is what the other server is asked about.
    const join = resident.room.events.at(-1)!;
    await hostile.ask(c, 'PUT', '/_matrix/federation/v1/send/1', {
      ...{ origin: hostile.name, origin_server_ts: 0, pdus: [join.pdu] },
    });
    for (let tries = 0; (await isPartial(b, roomId)) && tries < 5; tries++) {
      await b.homeserver.services.stateJobs.drain();
      federation.clock.advance(3_600_000);
    }
    assert.equal(await isPartial(b, roomId), false);
    assert.deepEqual(await bob.members(roomId), await carol.members(roomId));
    assert.equal((await bob.members(roomId)).length, 7);
    await hostile.stop();
  });
});
