import assert from 'node:assert/strict';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer, json } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';
import type { Answered } from '../../support/test-homeserver.ts';

describe('Joining rooms of other servers', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let a: TestPeer;
  let b: TestPeer;
  let c: TestPeer;
  let alice: FederatedUser;
  let bob: FederatedUser;
  let carol: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 3);
    [a, b, c] = federation.servers as [TestPeer, TestPeer, TestPeer];
    alice = await federatedUser(a, 'alice');
    bob = await federatedUser(b, 'bob');
    carol = await federatedUser(c, 'carol');
  });
  after(() => federation?.stop());

  for (const version of ['3', '6', '8', '10', '11', '12']) {
    it(`works in a room of version ${version}`, async () => {
      const made = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', room_version: version });
      const roomId = made.body.room_id;
      assert.deepEqual((await bob.join(roomId, a)).body, { room_id: roomId });
      assert.deepEqual(await alice.members(roomId), [alice.userId, bob.userId].sort());
      assert.deepEqual(await bob.members(roomId), [alice.userId, bob.userId].sort());
      assert.equal((await bob.section(roomId)).kind, 'join');
    });
  }

  it('shows the state of the room, also after a restart', async () => {
    const roomId = await alice.room({ preset: 'public_chat', name: 'Kitchen', topic: 'Food' });
    await bob.join(roomId, a);
    await b.restart();
    const state = await bob.must('GET', `/v3/rooms/${roomId}/state`);
    const contents = new Map(state.map((e: { type: string; content: object }) => [e.type, e.content]));
    assert.deepEqual(contents.get('m.room.name'), { name: 'Kitchen' });
    assert.ok(contents.has('m.room.create'));
  });

  it('asks the servers that are given until one helps', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const away = { serverName: 'localhost:1' };
    assert.equal((await bob.join(roomId, away, c, a)).status, 200);
    assert.deepEqual(await alice.members(roomId), [alice.userId, bob.userId].sort());
  });

  it('asks the server in the id of the room only if no other is given', async () => {
    const roomId = await alice.room({ preset: 'public_chat', room_version: '11' });
    assert.equal((await bob.join(roomId, c)).body.errcode, 'M_NOT_FOUND');
    assert.equal((await bob.join(roomId)).status, 200);
  });

  it('finds the room by its alias', async () => {
    const roomId = await alice.room({ preset: 'public_chat', room_alias_name: 'kitchen' });
    assert.deepEqual((await bob.join(`#kitchen:${a.serverName}`)).body, { room_id: roomId });
    assert.equal((await bob.join(`#cellar:${a.serverName}`)).body.errcode, 'M_NOT_FOUND');
  });

  it('is not hindered by servers that invite to the room and lie about its version', async () => {
    const roomId = await alice.room({ preset: 'public_chat', room_version: '10' });
    const hostile = await HostileServer.start(federation);
    const lie = new HostileRoom(hostile, { version: '9', now: () => federation.clock.now() });
    const content = { membership: 'invite' };
    const template = lie.template({ type: 'm.room.member', stateKey: bob.userId, content });
    const event = lie.sign({ ...template, room_id: roomId });
    const sent = { room_version: '9', event: event.pdu };
    const answer = await hostile.ask(b, 'PUT', `/_matrix/federation/v2/invite/${roomId}/${event.eventId}`, sent);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal((await bob.join(roomId, a)).status, 200);
    assert.deepEqual(await bob.members(roomId), [alice.userId, bob.userId].sort());
    await hostile.stop();
  });

  it('takes the servers from server_name, too', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const path = `/v3/join/${encodeURIComponent(roomId)}?server_name=${encodeURIComponent(a.serverName)}`;
    assert.equal((await bob.ask('POST', path, {})).status, 200);
  });

  it('is refused by the rules of the room', async () => {
    const roomId = await alice.room({ preset: 'private_chat' });
    const answer = await bob.join(roomId, a);
    assert.equal(answer.status, 403);
    assert.equal(answer.body.errcode, 'M_FORBIDDEN');
    assert.equal((await bob.section(roomId)).kind, undefined);
  });

  it('finds no room where no server is known, or none of them knows it', async () => {
    const unknown = '!0123456789012345678901234567890123456789012';
    assert.equal((await bob.join(unknown)).body.errcode, 'M_NOT_FOUND');
    assert.equal((await bob.join(unknown, a)).body.errcode, 'M_NOT_FOUND');
  });

  it('says if no server can be reached', async () => {
    const unknown = '!0123456789012345678901234567890123456789012';
    const answer = await bob.join(unknown, { serverName: 'localhost:1' });
    assert.equal(answer.status, 502);
  });

  it('goes on in a room that was left by all', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    await bob.join(roomId, a);
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
    assert.equal((await bob.section(roomId)).kind, 'leave');
    await alice.setState(roomId, 'm.room.name', { name: 'Later' });
    assert.equal((await bob.join(roomId, a)).status, 200);
    assert.deepEqual(await bob.must('GET', `/v3/rooms/${roomId}/state/m.room.name`), { name: 'Later' });
    assert.deepEqual(await bob.members(roomId), [alice.userId, bob.userId].sort());
  });

  it('lets a second user in without asking again', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const dora = await federatedUser(b, 'dora');
    const answers = await Promise.all([bob.join(roomId, a), dora.join(roomId, a)]);
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [200, 200],
    );
    assert.deepEqual(await bob.members(roomId), [alice.userId, bob.userId, dora.userId].sort());
  });

  it('makes a server known to those that came in beside it, before anybody says anything', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const other = await HostileServer.start(federation);
    const userId = other.user('eve');
    const made = await other.ask(a, 'GET', `/make_join/${roomId}/${userId}?ver=12`);
    const { origin: _, ...template } = made.body.event;
    const join = new HostileRoom(other, { now: () => federation.clock.now() }).sign(template);
    const told = new Promise<string[]>((resolve) => {
      other.scripts.push((request, response, body) => {
        if (!request.url?.includes('/send/')) return false;
        json(response, 200, { pdus: {} });
        const { pdus } = JSON.parse(body) as { pdus: { state_key?: string }[] };
        if (pdus.length > 0) resolve(pdus.map(({ state_key: stateKey }) => stateKey ?? ''));
        return true;
      });
    });
    // Bob's join follows what this one follows, and is there when it comes.
    assert.equal((await bob.join(roomId, a)).status, 200);
    const path = `/_matrix/federation/v2/send_join/${roomId}/${join.eventId}`;
    assert.equal((await other.ask(a, 'PUT', path, join.pdu)).status, 200);
    assert.deepEqual(await told, [bob.userId]);
    await bob.until((sync) => {
      const events = sync.rooms?.join?.[roomId]?.timeline.events ?? [];
      return events.find((event: { state_key?: string }) => event.state_key === userId);
    });
    assert.deepEqual(await bob.members(roomId), [alice.userId, bob.userId, userId].sort());
    await other.stop();
  });

  it('shows those who come in by different servers at the same time to each other', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const answers = await Promise.all([bob.join(roomId, a), carol.join(roomId, a)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    const everybody = [alice.userId, bob.userId, carol.userId].sort();
    const isAmong = (userId: string) => (sync: Answered['body']) => {
      const room = sync.rooms?.join?.[roomId];
      const events = [...(room?.state.events ?? []), ...(room?.timeline.events ?? [])];
      return events.find((event: { state_key?: string }) => event.state_key === userId);
    };
    await Promise.all([bob.until(isAmong(carol.userId)), carol.until(isAmong(bob.userId))]);
    for (const user of [alice, bob, carol]) assert.deepEqual(await user.members(roomId), everybody);
  });

  it('is not possible for those who are banned, until they are not', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    await bob.join(roomId, a);
    const gone = bob.until((sync) => sync.rooms?.leave?.[roomId]);
    await alice.must('POST', `/v3/rooms/${roomId}/ban`, { user_id: bob.userId });
    await gone;
    assert.equal((await bob.join(roomId, a)).status, 403);
    await alice.must('POST', `/v3/rooms/${roomId}/unban`, { user_id: bob.userId });
    assert.equal((await bob.join(roomId, a)).status, 200);
  });

  it('is not possible for servers that the room shuts out', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    await alice.setState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['localhost'] });
    assert.equal((await bob.join(roomId, a)).body.errcode, 'M_FORBIDDEN');
  });

  describe('by a condition', () => {
    const restricted = (allowed: string) => ({
      join_rule: 'restricted',
      allow: [{ type: 'm.room_membership', room_id: allowed }],
    });

    it('lets members of another room in', async () => {
      const space = await alice.room({ preset: 'public_chat' });
      const roomId = await alice.room({
        initial_state: [{ type: 'm.room.join_rules', content: restricted(space) }],
      });
      assert.equal((await bob.join(roomId, a)).body.errcode, 'M_FORBIDDEN');
      await bob.join(space, a);
      assert.equal((await bob.join(roomId, a)).status, 200);
      const member = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.member/${bob.userId}`);
      assert.equal(member.join_authorised_via_users_server, alice.userId);
    });

    it('asks another server if this one cannot vouch', async () => {
      const space = await alice.room({ preset: 'public_chat' });
      const roomId = await alice.room({
        initial_state: [{ type: 'm.room.join_rules', content: restricted(space) }],
        power_level_content_override: { invite: 50 },
      });
      const eve = await federatedUser(b, 'eve');
      await bob.join(space, a);
      await eve.join(space, a);
      assert.equal((await bob.join(roomId, a)).status, 200);
      // B is in the room now, and nobody of B may let others in.
      assert.equal((await eve.join(roomId)).status, 200);
      assert.ok((await alice.members(roomId)).includes(eve.userId));
    });

    it('asks the next server if one cannot vouch', async () => {
      const space = await alice.room({ preset: 'public_chat' });
      const roomId = await alice.room({
        initial_state: [{ type: 'm.room.join_rules', content: restricted(space) }],
        power_level_content_override: { invite: 50 },
      });
      await bob.join(space, a);
      await bob.join(roomId, a);
      await carol.join(space, a);
      assert.equal((await carol.join(roomId, b, a)).status, 200);
    });
  });
});
