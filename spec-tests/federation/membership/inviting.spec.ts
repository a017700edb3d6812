import assert from 'node:assert/strict';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('Inviting users of other servers', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let a: TestPeer;
  let b: TestPeer;
  let alice: FederatedUser;
  let bob: FederatedUser;
  const invite = (roomId: string, user: FederatedUser) =>
    alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: user.userId });
  const types = (events: { type: string }[]) => events.map((event) => event.type);

  before(async function () {
    federation = await startTestFederation(this, 2);
    [a, b] = federation.servers as [TestPeer, TestPeer];
    alice = await federatedUser(a, 'alice');
    bob = await federatedUser(b, 'bob');
  });
  after(() => federation?.stop());

  it('shows them the room, also after a restart', async () => {
    const roomId = await alice.room({ name: 'Kitchen' });
    assert.equal((await invite(roomId, bob)).status, 200);
    await b.restart();
    const { kind, room } = await bob.section(roomId);
    assert.equal(kind, 'invite');
    const { events } = room.invite_state;
    assert.ok(types(events).includes('m.room.create'));
    const name = events.find((event: { type: string }) => event.type === 'm.room.name');
    assert.deepEqual(name, { type: 'm.room.name', state_key: '', sender: alice.userId, content: { name: 'Kitchen' } });
    const own = events.find((event: { state_key: string }) => event.state_key === bob.userId);
    assert.equal(own.content.membership, 'invite');
    assert.equal(own.sender, alice.userId);
  });

  it('lets them in without telling where the room is', async () => {
    const roomId = await alice.room();
    await invite(roomId, bob);
    assert.equal((await bob.join(roomId)).status, 200);
    assert.deepEqual(await alice.members(roomId), [alice.userId, bob.userId].sort());
    assert.equal((await bob.section(roomId)).kind, 'join');
  });

  it('lets them reject', async () => {
    const roomId = await alice.room();
    await invite(roomId, bob);
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, { reason: 'No time' });
    const { kind, room } = await bob.section(roomId);
    assert.equal(kind, 'leave');
    const [event] = room.timeline.events;
    assert.equal(event.content.membership, 'leave');
    assert.equal(event.content.reason, 'No time');
    const { rooms } = await bob.must('GET', '/v3/sync?use_state_after=true&filter={"room":{"include_leave":true}}');
    assert.deepEqual(rooms.leave[roomId].state_after.events, rooms.leave[roomId].timeline.events);
    const member = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.member/${bob.userId}`);
    assert.equal(member.membership, 'leave');
    await bob.must('POST', `/v3/rooms/${roomId}/forget`, {});
    assert.equal((await bob.section(roomId)).kind, undefined);
  });

  it('lets them reject although the other server is away', async () => {
    const gone = await HostileServer.start(federation);
    const from = new HostileRoom(gone, { now: () => federation.clock.now() });
    const event = from.build({ type: 'm.room.member', stateKey: bob.userId, content: { membership: 'invite' } });
    const roomId = from.id;
    await gone.ask(b, 'PUT', `/_matrix/federation/v2/invite/${roomId}/${event.eventId}`, {
      ...{ room_version: '12', event: event.pdu, invite_room_state: [from.create.pdu] },
    });
    assert.equal((await bob.section(roomId)).kind, 'invite');
    await gone.stop();
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.equal((await bob.section(roomId)).kind, 'leave');
    await b.restart();
    assert.equal((await bob.section(roomId)).kind, 'leave');
  });

  it('is withdrawn where it was made', async () => {
    const roomId = await alice.room();
    await invite(roomId, bob);
    assert.equal((await bob.section(roomId)).kind, 'invite');
    const gone = bob.until((sync) => sync.rooms?.leave?.[roomId]);
    await alice.must('POST', `/v3/rooms/${roomId}/kick`, { user_id: bob.userId });
    await gone;
    assert.equal((await bob.section(roomId)).kind, 'leave');
  });

  it('is rejected as often as it is made', async () => {
    const roomId = await alice.room();
    for (let round = 0; round < 3; round++) {
      assert.equal((await invite(roomId, bob)).status, 200);
      assert.equal((await bob.section(roomId)).kind, 'invite');
      await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
      assert.equal((await bob.section(roomId)).kind, 'leave');
    }
  });

  it('can be seen in what their join takes the place of', async () => {
    const roomId = await alice.room({ invite: [bob.userId], is_direct: true });
    await bob.join(roomId);
    const { room } = await bob.section(roomId);
    const own = room.timeline.events.find((event: { state_key?: string }) => event.state_key === bob.userId);
    assert.equal(own.content.membership, 'join');
    assert.equal(own.unsigned.prev_content.membership, 'invite');
    assert.equal(own.unsigned.prev_content.is_direct, true);
  });

  it('works again after they have left', async () => {
    const roomId = await alice.room();
    await invite(roomId, bob);
    await bob.join(roomId);
    const left = alice.until((sync) =>
      sync.rooms?.join?.[roomId]?.timeline?.events?.find(
        (event: { state_key?: string; content: { membership?: string } }) =>
          event.state_key === bob.userId && event.content.membership === 'leave',
      ),
    );
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
    await left;
    assert.equal((await invite(roomId, bob)).status, 200);
    assert.equal((await bob.section(roomId)).kind, 'invite');
    assert.equal((await bob.join(roomId)).status, 200);
  });

  it('works while a room is made', async () => {
    const roomId = await alice.room({ invite: [bob.userId], is_direct: true });
    const { kind, room } = await bob.section(roomId);
    assert.equal(kind, 'invite');
    const own = room.invite_state.events.find((event: { state_key: string }) => event.state_key === bob.userId);
    assert.equal(own.content.is_direct, true);
  });

  it('of a user of this server who is elsewhere in the room already works as ever', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    assert.equal((await bob.join(roomId, a)).status, 200);
    const dora = await federatedUser(b, 'dora');
    const invited = dora.until((sync) => sync.rooms?.invite?.[roomId]);
    assert.equal((await invite(roomId, dora)).status, 200);
    await invited;
  });

  it('is refused for those who want none', async () => {
    const roomId = await alice.room();
    const dan = await federatedUser(b, 'dan');
    await dan.must('PUT', `/v3/user/${dan.userId}/account_data/m.invite_permission_config`, {
      default_action: 'block',
    });
    const answer = await invite(roomId, dan);
    assert.equal(answer.status, 403);
    assert.equal(answer.body.errcode, 'M_INVITE_BLOCKED');
  });

  it('is refused for users that there are not', async () => {
    const roomId = await alice.room();
    const nobody = { ...bob, userId: `@nobody:${b.serverName}` };
    assert.equal((await invite(roomId, nobody)).body.errcode, 'M_FORBIDDEN');
  });

  it('is refused beyond the number of invites that one may have', async () => {
    const strict = await federation.add({ federation: { pending_invites_per_user: 1 } });
    const sam = await federatedUser(strict, 'sam');
    const first = await alice.room();
    assert.equal((await invite(first, sam)).status, 200);
    assert.equal((await invite(await alice.room(), sam)).body.errcode, 'M_FORBIDDEN');
    await sam.must('POST', `/v3/rooms/${first}/leave`, {});
    assert.equal((await invite(await alice.room(), sam)).status, 200);
  });

  it('is not shown to those who ignore the inviter', async () => {
    const roomId = await alice.room();
    const ian = await federatedUser(b, 'ian');
    const ignored = { ignored_users: { [alice.userId]: {} } };
    await ian.must('PUT', `/v3/user/${ian.userId}/account_data/m.ignored_user_list`, ignored);
    assert.equal((await invite(roomId, ian)).status, 200);
    assert.equal((await ian.section(roomId)).kind, undefined);
  });

  it('says if their server cannot be reached', async () => {
    const roomId = await alice.room();
    const away = { ...bob, userId: '@away:localhost:1' };
    assert.equal((await invite(roomId, away)).status, 502);
    assert.deepEqual(await alice.members(roomId), [alice.userId]);
  });
});
