import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('upgradeRoom', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const create = async (body: object): Promise<string> => {
    const roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
    await bob.ask('POST', `/v3/join/${roomId}`);
    return roomId;
  };
  const upgrade = (user: TestUser, roomId: string, body: object) =>
    user.ask('POST', `/v3/rooms/${roomId}/upgrade`, body);
  const state = async (roomId: string, type: string) =>
    (await alice.ask('GET', `/v3/rooms/${roomId}/state/${type}`)).body;
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  it('makes a new room with the state, the bans and the aliases of the old one, and closes that', async () => {
    const roomId = await create({
      room_version: '11',
      name: 'The pub',
      topic: 'Beer',
      room_alias_name: 'pub',
      visibility: 'public',
      creation_content: { type: 'm.space', 'm.federate': false },
      power_level_content_override: { users: { [alice.userId]: 100, [bob.userId]: 50 } },
      initial_state: [
        { type: 'm.space.child', state_key: '!child:test.example', content: { via: ['test.example'] } },
        { type: 'm.space.child', state_key: '!gone:test.example', content: {} },
      ],
    });
    await alice.ask('POST', `/v3/rooms/${roomId}/ban`, { user_id: '@troll:test.example', reason: 'trolling' });
    const { body, status } = await upgrade(alice, roomId, { new_version: '12' });
    strictEqual(status, 200, JSON.stringify(body));
    const replacement: string = body.replacement_room;

    const { predecessor, ...created } = await state(replacement, 'm.room.create');
    deepStrictEqual(created, { type: 'm.space', 'm.federate': false, room_version: '12' });
    deepStrictEqual(predecessor, { room_id: roomId });
    deepStrictEqual(await state(replacement, 'm.room.name'), { name: 'The pub' });
    deepStrictEqual(await state(replacement, 'm.room.join_rules'), { join_rule: 'public' });
    deepStrictEqual(await state(replacement, 'm.room.canonical_alias'), { alias: '#pub:test.example' });
    deepStrictEqual(await state(replacement, `m.room.member/@troll:test.example`), {
      membership: 'ban',
      reason: 'trolling',
    });
    deepStrictEqual(await state(replacement, 'm.space.child/!child:test.example'), { via: ['test.example'] });
    strictEqual((await state(replacement, 'm.space.child/!gone:test.example')).errcode, 'M_NOT_FOUND');
    const levels = await state(replacement, 'm.room.power_levels');
    deepStrictEqual([levels.users, levels.events['m.room.tombstone']], [{ [bob.userId]: 50 }, 150]);

    strictEqual((await state(roomId, 'm.room.tombstone')).replacement_room, replacement);
    deepStrictEqual(await state(roomId, 'm.room.canonical_alias'), {});
    const closed = await state(roomId, 'm.room.power_levels');
    deepStrictEqual([closed.events_default, closed.invite], [50, 50]);
    const alias = await server.ask('GET', `/v3/directory/room/${encodeURIComponent('#pub:test.example')}`);
    strictEqual(alias.body.room_id, replacement);
    const visibility = async (id: string) => (await server.ask('GET', `/v3/directory/list/room/${id}`)).body.visibility;
    deepStrictEqual([await visibility(roomId), await visibility(replacement)], ['private', 'public']);
    strictEqual((await bob.ask('POST', `/v3/join/${encodeURIComponent('#pub:test.example')}`)).status, 200);
  });

  it('keeps the levels of a moderator who upgrades to an older kind of version', async () => {
    const roomId = await create({
      room_version: '12',
      power_level_content_override: { events: {}, users: { [bob.userId]: 60 } },
    });
    const { body } = await upgrade(bob, roomId, { new_version: '11' });
    const levels = await (await bob.ask('GET', `/v3/rooms/${body.replacement_room}/state/m.room.power_levels`)).body;
    deepStrictEqual(levels.users, { [bob.userId]: 60, [alice.userId]: 100 });
    const { predecessor } = (await bob.ask('GET', `/v3/rooms/${body.replacement_room}/state/m.room.create`)).body;
    ok(predecessor.event_id.startsWith('$'));
  });

  it('makes creators of those who are named, where the version knows them', async () => {
    const roomId = await create({});
    const named = { new_version: '12', additional_creators: [bob.userId, alice.userId] };
    const { body } = await upgrade(alice, roomId, named);
    deepStrictEqual((await state(body.replacement_room, 'm.room.create')).additional_creators, [bob.userId]);
  });

  it('is for those who may replace the room, and for versions that there are', async () => {
    const roomId = await create({});
    deepStrictEqual(outcome(await upgrade(bob, roomId, { new_version: '12' })), [403, 'M_FORBIDDEN']);
    deepStrictEqual(outcome(await upgrade(alice, roomId, { new_version: '13' })), [400, 'M_UNSUPPORTED_ROOM_VERSION']);
    deepStrictEqual(outcome(await upgrade(alice, roomId, {})), [400, 'M_MISSING_PARAM']);
    const odd = { new_version: '12', additional_creators: ['bob'] };
    deepStrictEqual(outcome(await upgrade(alice, roomId, odd)), [400, 'M_BAD_JSON']);
  });
});
