import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../support/test-homeserver.ts';

describe('What users keep for a room', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const create = async (body: object = {}): Promise<string> =>
    (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
  const join = async (user: TestUser, roomId: string) => {
    strictEqual((await user.ask('POST', `/v3/join/${encodeURIComponent(roomId)}`, {})).status, 200);
    await server.homeserver.services.carryOver.settled();
  };
  const mine = (user: TestUser) => `/v3/user/${user.userId}`;
  const rulePath = (kind: string, id: string) => `/v3/pushrules/global/${kind}/${encodeURIComponent(id)}`;
  /** Mutes, tags and marks a room. */
  const keep = async (user: TestUser, roomId: string) => {
    const conditions = [{ kind: 'event_match', key: 'room_id', pattern: roomId }];
    await user.ask('PUT', rulePath('room', roomId), { actions: [] });
    await user.ask('PUT', rulePath('override', roomId), { actions: [], conditions });
    await user.ask('PUT', `${rulePath('override', roomId)}/enabled`, { enabled: false });
    await user.ask('PUT', `${mine(user)}/rooms/${roomId}/tags/m.favourite`, { order: 0.5 });
    await user.ask('PUT', `${mine(user)}/account_data/m.direct`, { '@friend:test.example': [roomId] });
  };
  const kept = async (user: TestUser, roomId: string) => {
    const { override, room } = (await user.ask('GET', '/v3/pushrules/')).body.global;
    const of = (rules: { rule_id: string }[]) => rules.filter(({ rule_id: id }) => id === roomId);
    const direct = (await user.ask('GET', `${mine(user)}/account_data/m.direct`)).body;
    return {
      override: of(override),
      room: of(room),
      tags: (await user.ask('GET', `${mine(user)}/rooms/${roomId}/tags`)).body.tags,
      isDirect: (direct['@friend:test.example'] ?? []).includes(roomId),
    };
  };
  const NOTHING = { override: [], room: [], tags: {}, isDirect: false };
  const everythingOf = (roomId: string) => ({
    override: [
      {
        ...{ rule_id: roomId, default: false, enabled: false, actions: [] },
        conditions: [{ kind: 'event_match', key: 'room_id', pattern: roomId }],
      },
    ],
    room: [{ rule_id: roomId, default: false, enabled: true, actions: [] }],
    tags: { 'm.favourite': { order: 0.5 } },
    isDirect: true,
  });

  it('is theirs in the room that replaces it, once they are there', async () => {
    const old = await create();
    await join(bob, old);
    await keep(alice, old);
    await keep(bob, old);
    const { body } = await alice.ask('POST', `/v3/rooms/${old}/upgrade`, { new_version: '12' });
    const replacement: string = body.replacement_room;
    await server.homeserver.services.carryOver.settled();
    deepStrictEqual(await kept(alice, replacement), everythingOf(replacement));
    deepStrictEqual(await kept(bob, replacement), NOTHING);
    await join(bob, replacement);
    deepStrictEqual(await kept(bob, replacement), everythingOf(replacement));
    deepStrictEqual(await kept(bob, old), everythingOf(old));
  });

  it('stays as it is where they have chosen something for the new room already', async () => {
    const old = await create();
    await keep(alice, old);
    const successor = await create({ creation_content: { predecessor: { room_id: old } } });
    await alice.ask('PUT', rulePath('room', successor), { actions: ['notify'] });
    await alice.ask('PUT', `${mine(alice)}/rooms/${successor}/tags/m.lowpriority`, {});
    await alice.ask('PUT', `/v3/rooms/${old}/state/m.room.tombstone`, { body: '', replacement_room: successor });
    await server.homeserver.services.carryOver.settled();
    const { room, tags } = await kept(alice, successor);
    deepStrictEqual(
      [room.map((rule) => (rule as { actions?: unknown }).actions), tags],
      [[['notify']], { 'm.lowpriority': {} }],
    );
  });

  it('does not go to a room that only claims to replace it', async () => {
    const old = await create();
    await keep(alice, old);
    const claims = await create({ creation_content: { predecessor: { room_id: old } } });
    await server.homeserver.services.carryOver.settled();
    deepStrictEqual(await kept(alice, claims), NOTHING);
    const other = await create();
    await alice.ask('PUT', `/v3/rooms/${old}/state/m.room.tombstone`, { body: '', replacement_room: other });
    await server.homeserver.services.carryOver.settled();
    deepStrictEqual(await kept(alice, other), NOTHING);
  });

  it('is theirs after a restart, too, if the server stopped before it was done', async () => {
    const old = await create();
    for (const user of [alice, bob]) {
      await join(user, old);
      await keep(user, old);
    }
    await server.homeserver.services.carryOver.stop();
    const { body } = await alice.ask('POST', `/v3/rooms/${old}/upgrade`, { new_version: '12' });
    const replacement: string = body.replacement_room;
    await join(bob, replacement);
    for (const user of [alice, bob]) deepStrictEqual(await kept(user, replacement), NOTHING);
    await server.restart();
    const { carryOver, storage } = server.homeserver.services;
    await carryOver.settled();
    for (const user of [alice, bob]) deepStrictEqual(await kept(user, replacement), everythingOf(replacement));
    const nothing = await storage.read((tx) => tx.successions.behind({ user_id: '', room_id: '' }, 1));
    deepStrictEqual(nothing, []);
  });

  it('is not restored when they have let go of it in the new room', async () => {
    const old = await create();
    await keep(bob, old);
    await join(bob, old);
    const { body } = await alice.ask('POST', `/v3/rooms/${old}/upgrade`, { new_version: '12' });
    const replacement: string = body.replacement_room;
    await join(bob, replacement);
    await bob.ask('DELETE', `${mine(bob)}/rooms/${replacement}/tags/m.favourite`);
    await server.restart();
    await server.homeserver.services.carryOver.settled();
    deepStrictEqual((await kept(bob, replacement)).tags, {});
  });
});
