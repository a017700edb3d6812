import assert from 'node:assert/strict';
import { reply, type ScriptedServer, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';
import type { TestUser } from '../../../support/test-homeserver.ts';

describe('Spaces across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let scripted: ScriptedServer;
  let alice: TestUser;
  let bob: TestUser;
  const rooms: Record<string, string> = {};

  const create = async (user: TestUser, name: string, options: { isSpace?: boolean; preset?: string } = {}) => {
    const { body } = await user.ask('POST', '/v3/createRoom', {
      name,
      preset: options.preset ?? 'public_chat',
      ...(options.isSpace ? { creation_content: { type: 'm.space' } } : {}),
    });
    rooms[name] = body.room_id;
    return body.room_id as string;
  };
  const addChild = (user: TestUser, space: string, room: string, via: string, order: string) =>
    user.ask('PUT', `/v3/rooms/${space}/state/m.space.child/${encodeURIComponent(room)}`, { via: [via], order });
  const namesOf = (body: { rooms: { name: string }[] }) => body.rooms.map(({ name }) => name);
  const hierarchy = (space: string, query = '', user = bob) =>
    user.ask('GET', `/v1/rooms/${encodeURIComponent(space)}/hierarchy${query}`);

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    scripted = await startScriptedServer(federation.ca, federation.clock);
    alice = await there.register('alice');
    bob = await here.register('bob');
    const top = await create(bob, 'top', { isSpace: true });
    const own = await create(bob, 'own');
    const inner = await create(alice, 'inner', { isSpace: true });
    const leaf = await create(alice, 'leaf');
    const secret = await create(alice, 'secret', { preset: 'private_chat' });
    const deep = await create(alice, 'deep', { isSpace: true });
    const bottom = await create(alice, 'bottom');
    await addChild(bob, top, inner, there.serverName, 'a');
    await addChild(bob, top, own, here.serverName, 'b');
    await addChild(alice, inner, leaf, there.serverName, 'a');
    await addChild(alice, inner, secret, there.serverName, 'b');
    await addChild(alice, inner, deep, there.serverName, 'c');
    await addChild(alice, deep, bottom, there.serverName, 'a');
  });
  after(async () => {
    await scripted?.close();
    await federation?.stop();
  });

  it('are walked through wherever they are, without what the user could not join', async () => {
    const { body } = await hierarchy(rooms['top']!);
    assert.deepEqual(namesOf(body), ['top', 'inner', 'leaf', 'deep', 'bottom', 'own']);
    assert.equal(body.rooms[1].children_state.length, 3);
  });

  it('are told page by page', async () => {
    const first = (await hierarchy(rooms['top']!, '?limit=4')).body;
    const second = (await hierarchy(rooms['top']!, `?limit=4&from=${first.next_batch}`)).body;
    assert.deepEqual([...namesOf(first), ...namesOf(second)], ['top', 'inner', 'leaf', 'deep', 'bottom', 'own']);
  });

  it('end at the depth that is asked for', async () => {
    const { body } = await hierarchy(rooms['top']!, '?max_depth=1');
    assert.deepEqual(namesOf(body), ['top', 'inner', 'own']);
  });

  it('are refused where nobody knows them', async () => {
    assert.equal((await hierarchy('!none:localhost:1')).body.errcode, 'M_FORBIDDEN');
  });

  it('and rooms are shown to users before they join', async () => {
    const summary = (room: string, via: string, user = bob) =>
      user.ask('GET', `/v1/room_summary/${encodeURIComponent(room)}?via=${via}`);
    const { status, body } = await summary(rooms['leaf']!, there.serverName);
    assert.deepEqual([status, body.name, body.membership], [200, 'leaf', 'leave']);
    assert.equal((await summary(rooms['secret']!, there.serverName)).status, 404);
    const anonymous = await here.ask('GET', `/v1/room_summary/${encodeURIComponent(rooms['leaf']!)}`);
    assert.equal(anonymous.status, 404);
  });

  it('are told to servers as far as their users could join', async () => {
    const ask = (room: string) =>
      scripted.ask(there.serverName, { uri: `/_matrix/federation/v1/hierarchy/${encodeURIComponent(room)}` });
    const { body } = await ask(rooms['inner']!);
    assert.equal(body.room.room_id, rooms['inner']);
    assert.deepEqual(namesOf({ rooms: body.children }), ['leaf', 'deep']);
    assert.deepEqual(body.inaccessible_children, [rooms['secret']]);
    assert.equal((await ask(rooms['secret']!)).body.errcode, 'M_NOT_FOUND');
    assert.equal((await ask(rooms['own']!)).body.errcode, 'M_NOT_FOUND');
  });

  it('show a room as soon as its server knows that somebody here may join it', async () => {
    const club = await create(bob, 'club', { isSpace: true });
    const allow = [{ type: 'm.room_membership', room_id: club, via: [here.serverName] }];
    const { body } = await alice.ask('POST', '/v3/createRoom', {
      ...{ name: 'members only', preset: 'public_chat' },
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } }],
    });
    await addChild(bob, club, body.room_id, there.serverName, 'a');
    assert.deepEqual(namesOf((await hierarchy(club)).body), ['club']);
    const joined = await alice.ask('POST', `/v3/join/${encodeURIComponent(club)}?via=${here.serverName}`, {});
    assert.equal(joined.status, 200);
    assert.deepEqual(namesOf((await hierarchy(club)).body), ['club', 'members only']);
  });

  it('of a hostile server come to an end, and say nothing of rooms of others', async () => {
    let count = 0;
    scripted.answer = (request, response) => {
      const roomId = decodeURIComponent((request.url ?? '').split('/').at(-1)?.split('?')[0] ?? '');
      count += 1;
      // Time passes while it answers.
      federation.clock.advance(1_000);
      const children = Array.from({ length: 3 }, (_, n) => `!n${count}x${n}:${scripted.serverName}`);
      const summary = { num_joined_members: 1, world_readable: true, guest_can_join: false, room_type: 'm.space' };
      reply(response, {
        room: {
          ...{ ...summary, room_id: roomId, name: 'endless' },
          children_state: [
            ...children.map((state_key) => ({
              ...{ type: 'm.space.child', state_key, sender: '@a:b', origin_server_ts: 1 },
              content: { via: [scripted.serverName] },
            })),
            { type: 'm.space.child', state_key: '__proto__', content: {} },
            null,
          ],
        },
        children: [{ ...summary, room_id: rooms['own'], name: 'forged', room_type: undefined }],
        inaccessible_children: [rooms['own'], 5],
      });
    };
    const space = await create(bob, 'trap', { isSpace: true });
    await addChild(bob, space, `!root:${scripted.serverName}`, scripted.serverName, 'a');
    await addChild(bob, space, rooms['own']!, here.serverName, 'b');
    const { status, body } = await hierarchy(space, '?limit=100');
    assert.equal(status, 200);
    assert.ok(count <= 30, `${count} requests`);
    assert.ok(namesOf(body).includes('own'));
    assert.ok(!namesOf(body).includes('forged'));
  });
});
