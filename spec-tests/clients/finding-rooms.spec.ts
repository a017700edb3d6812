import { strict as assert } from 'node:assert';
import { EventType, JoinRule, KnownMembership, Preset, RoomType, type SearchResult, Visibility } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { openRoom, reads, roomOf, say, seesMembers } from './support/rooms.ts';

describe('finding rooms and what was said in them', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob')]);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('finds a public room in the directory, and joins it by its name there', async () => {
    const made = await alice.client.createRoom({
      preset: Preset.PublicChat,
      visibility: Visibility.Public,
      room_alias_name: 'gardening',
      name: 'Gardening',
      topic: 'Of roses and weeds',
    });
    const { chunk } = await bob.client.publicRooms({ limit: 10, filter: { generic_search_term: 'roses' } });
    assert.deepEqual(
      chunk.map((room) => [room.room_id, room.name, room.num_joined_members]),
      [[made.room_id, 'Gardening', 1]],
    );
    const alias = `#gardening:${homeserver.serverName}`;
    assert.equal((await bob.client.getRoomIdForAlias(alias)).room_id, made.room_id);
    await bob.client.joinRoom(alias);
    await seesMembers(bob, made.room_id, 2);
    await alice.client.deleteAlias(alias);
    await assert.rejects(bob.client.getRoomIdForAlias(alias), { errcode: 'M_NOT_FOUND' });
  });

  it('shows the rooms of a space, and lets its members into one that is restricted to them', async () => {
    const space = await alice.client.createRoom({
      preset: Preset.PublicChat,
      name: 'Our house',
      creation_content: { type: RoomType.Space },
    });
    const via = [homeserver.serverName];
    const allow = [{ type: 'm.room_membership', room_id: space.room_id }];
    const room = await alice.client.createRoom({
      preset: Preset.PrivateChat,
      name: 'Kitchen',
      initial_state: [
        { type: EventType.RoomJoinRules, state_key: '', content: { join_rule: JoinRule.Restricted, allow } },
        { type: EventType.SpaceParent, state_key: space.room_id, content: { via, canonical: true } },
      ],
    });
    await alice.client.sendStateEvent(space.room_id, EventType.SpaceChild, { via }, room.room_id);
    await assert.rejects(bob.client.joinRoom(room.room_id, { viaServers: via }), { errcode: 'M_FORBIDDEN' });
    await bob.client.joinRoom(space.room_id, { viaServers: via });
    const { rooms } = await bob.client.getRoomHierarchy(space.room_id);
    assert.deepEqual(
      rooms.map(({ name, room_type: type }) => [name, type]),
      [
        ['Our house', 'm.space'],
        ['Kitchen', undefined],
      ],
    );
    await bob.client.joinRoom(room.room_id, { viaServers: via });
    await seesMembers(bob, room.room_id, 2);
  });

  it('knocks at a room, and comes in when somebody opens', async () => {
    const { room_id: roomId } = await alice.client.createRoom({
      name: 'Behind a door',
      initial_state: [{ type: EventType.RoomJoinRules, state_key: '', content: { join_rule: JoinRule.Knock } }],
    });
    await bob.client.knockRoom(roomId, { reason: 'It is cold outside', viaServers: [homeserver.serverName] });
    await bob.until('waits', () => bob.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Knock);
    assert.equal(roomOf(bob, roomId).name, 'Behind a door');
    const knock = await alice.until('hears the knock', () => {
      const member = alice.client.getRoom(roomId)?.getMember(bob.userId);
      return member?.membership === KnownMembership.Knock ? member : undefined;
    });
    assert.equal(knock.events.member?.getContent()['reason'], 'It is cold outside');
    await alice.client.invite(roomId, bob.userId);
    await bob.until('is let in', () => bob.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite);
    await bob.client.joinRoom(roomId);
    await seesMembers(alice, roomId, 2);
  });

  it('searches what was said, with what stands around it', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    await say(alice, room, 'before it');
    const wanted = await say(alice, room, 'the quick brown fox');
    const last = await say(alice, room, 'after it');
    await reads(bob, room, last);
    const { results, count } = await bob.client.searchRoomEvents({ term: 'Fox quick', filter: { rooms: [room] } });
    assert.equal(count, 1);
    const { context } = results[0] as SearchResult;
    assert.equal(context.getEvent().getId(), wanted);
    const around = context.getTimeline().map((event) => event.getContent()['body']);
    assert.deepEqual(around, ['before it', 'the quick brown fox', 'after it']);
  });
});
