import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Membership', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let carol: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    carol = await server.register('carol');
  });
  after(() => server.stop());

  const room = async (body: object = {}, user = alice): Promise<string> =>
    (await user.ask('POST', '/v3/createRoom', body)).body.room_id;
  const post = (user: TestUser, roomId: string, action: string, body?: object) =>
    user.ask('POST', `/v3/rooms/${roomId}/${action}`, body);
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) =>
    body.errcode === undefined ? status : [status, body.errcode];
  const member = async (roomId: string, userId: string) =>
    (await alice.ask('GET', `/v3/rooms/${roomId}/state/m.room.member/${userId}`)).body;

  it('joins a public room once, with the profile of the user', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await bob.ask('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Bob' });
    deepStrictEqual((await post(bob, roomId, 'join', { reason: 'why not' })).body, { room_id: roomId });
    deepStrictEqual(await member(roomId, bob.userId), { membership: 'join', displayname: 'Bob', reason: 'why not' });
    const before = (await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=1`)).body.chunk[0].event_id;
    deepStrictEqual((await bob.ask('POST', `/v3/join/${roomId}`)).body, { room_id: roomId });
    const after = (await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=1`)).body.chunk[0].event_id;
    strictEqual(after, before);
    deepStrictEqual((await bob.ask('GET', '/v3/joined_rooms')).body.joined_rooms.includes(roomId), true);
  });

  it('says what whoever joins wants to say, but not in the name of the server', async () => {
    const roomId = await room({ preset: 'public_chat' });
    const body = { 'org.example.mood': 'fine', membership: 'ban', join_authorised_via_users_server: alice.userId };
    strictEqual(outcome(await post(bob, roomId, 'join', body)), 200);
    deepStrictEqual(await member(roomId, bob.userId), {
      membership: 'join',
      displayname: 'Bob',
      'org.example.mood': 'fine',
    });
  });

  it('needs an invite where the room wants one', async () => {
    const roomId = await room();
    deepStrictEqual(outcome(await post(bob, roomId, 'join')), [403, 'M_FORBIDDEN']);
    strictEqual(outcome(await post(alice, roomId, 'invite', { user_id: bob.userId, reason: 'come' })), 200);
    strictEqual((await member(roomId, bob.userId)).reason, 'come');
    strictEqual(outcome(await post(alice, roomId, 'invite', { user_id: bob.userId })), 200);
    strictEqual(outcome(await post(bob, roomId, 'join')), 200);
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', { user_id: bob.userId })), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await bob.ask('POST', '/v3/join/!unknown:test.example')), [404, 'M_NOT_FOUND']);
    const alias = encodeURIComponent('#unknown:test.example');
    deepStrictEqual(outcome(await bob.ask('POST', `/v3/join/${alias}`)), [404, 'M_NOT_FOUND']);
  });

  it('tells those outside nothing of a room', async () => {
    const roomId = await room();
    for (const unknown of [roomId, '!unknown:test.example']) {
      for (const action of ['invite', 'kick', 'ban', 'unban']) {
        deepStrictEqual(outcome(await post(bob, unknown, action, { user_id: carol.userId })), [403, 'M_FORBIDDEN']);
      }
    }
  });

  it('refuses invites by e-mail, without a user, and of users who want none', async () => {
    const roomId = await room();
    const email = { id_server: 'x', id_access_token: 'y', medium: 'email', address: 'a@b.c' };
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', email)), [403, 'M_THREEPID_DENIED']);
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', {})), [400, 'M_MISSING_PARAM']);
    const setting = (type: string) => `/v3/user/${carol.userId}/account_data/${type}`;
    await carol.ask('PUT', setting('m.invite_permission_config'), { default_action: 'block' });
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', { user_id: carol.userId })), [403, 'M_INVITE_BLOCKED']);
    deepStrictEqual(outcome(await alice.ask('POST', '/v3/createRoom', { invite: [carol.userId] })), [
      403,
      'M_INVITE_BLOCKED',
    ]);
    await carol.ask('PUT', setting('m.invite_permission_config'), {});
    await carol.ask('PUT', setting('org.matrix.msc4380.invite_permission_config'), { default_action: 'block' });
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', { user_id: carol.userId })), [403, 'M_INVITE_BLOCKED']);
    await carol.ask('PUT', setting('org.matrix.msc4380.invite_permission_config'), {});
    const lists = { blocked_users: ['@al*:test.example'] };
    await carol.ask('PUT', setting('org.matrix.msc4155.invite_permission_config'), lists);
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', { user_id: carol.userId })), [403, 'M_INVITE_BLOCKED']);
    const allowed = { ...lists, allowed_users: [alice.userId] };
    await carol.ask('PUT', setting('org.matrix.msc4155.invite_permission_config'), allowed);
    strictEqual(outcome(await post(alice, roomId, 'invite', { user_id: carol.userId })), 200);
    await carol.ask('PUT', setting('org.matrix.msc4155.invite_permission_config'), {});
  });

  it('leaves rooms, rejects invites and takes back knocks', async () => {
    const roomId = await room({ preset: 'public_chat' });
    deepStrictEqual(outcome(await post(bob, roomId, 'leave')), [403, 'M_FORBIDDEN']);
    await post(bob, roomId, 'join');
    strictEqual(outcome(await post(bob, roomId, 'leave', { reason: 'enough' })), 200);
    deepStrictEqual(await member(roomId, bob.userId), { membership: 'leave', reason: 'enough' });
    strictEqual(outcome(await post(bob, roomId, 'leave')), 200);
    const invited = await room({ invite: [bob.userId] });
    strictEqual(outcome(await post(bob, invited, 'leave')), 200);
    const knocked = await room({ initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }] });
    strictEqual(outcome(await bob.ask('POST', `/v3/knock/${knocked}`, { reason: 'please' })), 200);
    strictEqual((await member(knocked, bob.userId)).membership, 'knock');
    strictEqual(outcome(await post(bob, knocked, 'leave')), 200);
    deepStrictEqual(outcome(await bob.ask('POST', `/v3/knock/${await room()}`)), [403, 'M_FORBIDDEN']);
  });

  it('kicks, bans and lifts bans with the power to do so', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await post(bob, roomId, 'join');
    await post(carol, roomId, 'join');
    deepStrictEqual(outcome(await post(bob, roomId, 'kick', { user_id: carol.userId })), [403, 'M_FORBIDDEN']);
    strictEqual(outcome(await post(alice, roomId, 'kick', { user_id: carol.userId, reason: 'out' })), 200);
    deepStrictEqual(outcome(await post(alice, roomId, 'kick', { user_id: carol.userId })), [403, 'M_FORBIDDEN']);
    strictEqual(outcome(await post(alice, roomId, 'ban', { user_id: carol.userId })), 200);
    deepStrictEqual(outcome(await post(carol, roomId, 'join')), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await post(alice, roomId, 'invite', { user_id: carol.userId })), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await post(bob, roomId, 'unban', { user_id: carol.userId })), [403, 'M_FORBIDDEN']);
    strictEqual(outcome(await post(alice, roomId, 'unban', { user_id: carol.userId })), 200);
    deepStrictEqual(outcome(await post(alice, roomId, 'unban', { user_id: carol.userId })), [403, 'M_BAD_STATE']);
    strictEqual(outcome(await post(carol, roomId, 'join')), 200);
  });

  it('forgets rooms that were left, and no others', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await post(bob, roomId, 'join');
    deepStrictEqual(outcome(await post(bob, roomId, 'forget')), [400, 'M_UNKNOWN']);
    await post(bob, roomId, 'leave');
    strictEqual((await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=b`)).status, 200);
    strictEqual(outcome(await post(bob, roomId, 'forget')), 200);
    deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=b`)), [403, 'M_FORBIDDEN']);
    await server.restart();
    deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=b`)), [403, 'M_FORBIDDEN']);
    strictEqual(outcome(await post(bob, roomId, 'join')), 200);
    strictEqual((await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=b`)).status, 200);
  });

  it('lets members of one room into another, with somebody there who vouches for them', async () => {
    const club = await room({ preset: 'public_chat' });
    const allow = [{ type: 'm.room_membership', room_id: club }];
    for (const [version, rule] of [
      ['10', 'restricted'],
      ['12', 'knock_restricted'],
    ]) {
      const content = { join_rule: rule, allow };
      const roomId = await room({ room_version: version, initial_state: [{ type: 'm.room.join_rules', content }] });
      deepStrictEqual(outcome(await post(carol, roomId, 'join')), [403, 'M_FORBIDDEN']);
      await post(carol, club, 'join');
      strictEqual(outcome(await post(carol, roomId, 'join')), 200);
      strictEqual((await member(roomId, carol.userId)).join_authorised_via_users_server, alice.userId);
      await post(carol, club, 'leave');
    }
  });

  it('goes through the state endpoint by the same rules', async () => {
    const roomId = await room({ preset: 'public_chat' });
    const set = (user: TestUser, target: string, content: object) =>
      user.ask('PUT', `/v3/rooms/${roomId}/state/m.room.member/${target}`, content);
    strictEqual((await set(bob, bob.userId, { membership: 'join', displayname: 'Bobby' })).status, 200);
    deepStrictEqual(await member(roomId, bob.userId), { membership: 'join', displayname: 'Bobby' });
    deepStrictEqual(outcome(await set(bob, carol.userId, { membership: 'join' })), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await set(bob, bob.userId, { membership: 'admin' })), [400, 'M_BAD_JSON']);
    deepStrictEqual(outcome(await set(bob, 'bob', { membership: 'join' })), [400, 'M_INVALID_PARAM']);
    const invite = await set(alice, carol.userId, { membership: 'invite' });
    strictEqual(invite.status, 200);
    strictEqual((await member(roomId, carol.userId)).membership, 'invite');
  });

  it('leaves rooms alone that show the profile already, with why the user came', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await post(bob, roomId, 'join', { reason: 'just so' });
    const before = await member(roomId, bob.userId);
    const { profileRooms } = server.homeserver.services;
    profileRooms.profileChanged(bob.userId);
    await profileRooms.settled();
    deepStrictEqual(await member(roomId, bob.userId), before);
  });

  it('goes on after a restart with telling rooms of a changed profile', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await post(bob, roomId, 'join');
    await server.homeserver.services.profileRooms.stop();
    await bob.ask('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Rob' });
    await server.homeserver.services.profileRooms.settled();
    deepStrictEqual((await member(roomId, bob.userId)).displayname === 'Rob', false);
    await server.restart();
    await server.homeserver.services.profileRooms.settled();
    deepStrictEqual((await member(roomId, bob.userId)).displayname, 'Rob');
    deepStrictEqual(await server.homeserver.services.storage.read((tx) => tx.accounts.withUntoldProfiles()), []);
  });

  it('carries changes of profiles into the rooms of their user', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await post(bob, roomId, 'join');
    await bob.ask('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Robert' });
    await bob.ask('PUT', `/v3/profile/${bob.userId}/avatar_url`, { avatar_url: 'mxc://test.example/face' });
    await server.homeserver.services.profileRooms.settled();
    const content = { membership: 'join', displayname: 'Robert', avatar_url: 'mxc://test.example/face' };
    deepStrictEqual(await member(roomId, bob.userId), content);
    deepStrictEqual((await alice.ask('GET', `/v3/rooms/${roomId}/joined_members`)).body.joined[bob.userId], {
      display_name: 'Robert',
      avatar_url: 'mxc://test.example/face',
    });
  });
});
