import assert from 'node:assert/strict';
import { type FederatedUser, federatedUser, viaQuery } from '../../support/federated-users.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('Knocking at rooms of other servers', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let a: TestPeer;
  let b: TestPeer;
  let alice: FederatedUser;
  let bob: FederatedUser;
  const knock = (roomId: string) =>
    bob.ask('POST', `/v3/knock/${encodeURIComponent(roomId)}${viaQuery([a])}`, { reason: 'Let me in' });
  const knockable = () =>
    alice.room({ name: 'Kitchen', initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }] });

  before(async function () {
    federation = await startTestFederation(this, 2);
    [a, b] = federation.servers as [TestPeer, TestPeer];
    alice = await federatedUser(a, 'alice');
    bob = await federatedUser(b, 'bob');
  });
  after(() => federation?.stop());

  it('shows both sides that somebody waits, also after a restart', async () => {
    const roomId = await knockable();
    assert.deepEqual((await knock(roomId)).body, { room_id: roomId });
    await b.restart();
    const { kind, room } = await bob.section(roomId);
    assert.equal(kind, 'knock');
    const { events } = room.knock_state;
    const name = events.find((event: { type: string }) => event.type === 'm.room.name');
    assert.deepEqual(name, { type: 'm.room.name', state_key: '', sender: alice.userId, content: { name: 'Kitchen' } });
    const member = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.member/${bob.userId}`);
    assert.equal(member.membership, 'knock');
    assert.equal(member.reason, 'Let me in');
  });

  it('is answered by an invite, by which they join', async () => {
    const roomId = await knockable();
    await knock(roomId);
    await alice.must('POST', `/v3/rooms/${roomId}/invite`, { user_id: bob.userId });
    assert.equal((await bob.section(roomId)).kind, 'invite');
    assert.equal((await bob.join(roomId)).status, 200);
    assert.equal((await bob.section(roomId)).kind, 'join');
  });

  it('is taken back', async () => {
    const roomId = await knockable();
    await knock(roomId);
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.equal((await bob.section(roomId)).kind, 'leave');
    const member = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.member/${bob.userId}`);
    assert.equal(member.membership, 'leave');
  });

  it('is refused by somebody in the room', async () => {
    const roomId = await knockable();
    await knock(roomId);
    const gone = bob.until((sync) => sync.rooms?.leave?.[roomId]);
    await alice.must('POST', `/v3/rooms/${roomId}/kick`, { user_id: bob.userId });
    await gone;
  });

  it('is refused by rooms that take none', async () => {
    const roomId = await alice.room();
    const answer = await knock(roomId);
    assert.equal(answer.status, 403);
    assert.equal(answer.body.errcode, 'M_FORBIDDEN');
  });

  it('is refused to those who are banned', async () => {
    const roomId = await knockable();
    await alice.must('POST', `/v3/rooms/${roomId}/ban`, { user_id: bob.userId });
    assert.equal((await knock(roomId)).status, 403);
  });
});
