import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('The directory of rooms', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const room = async (user: TestUser, body: object = {}): Promise<string> =>
    (await user.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
  const aliasPath = (name: string) => `/v3/directory/room/${encodeURIComponent(`#${name}:test.example`)}`;
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  describe('aliases', () => {
    it('lead to their room', async () => {
      const roomId = await room(alice);
      strictEqual((await alice.ask('PUT', aliasPath('lead'), { room_id: roomId })).status, 200);
      deepStrictEqual((await server.ask('GET', aliasPath('lead'))).body, {
        room_id: roomId,
        servers: ['test.example'],
      });
      const joined = await bob.ask('POST', `/v3/join/${encodeURIComponent('#lead:test.example')}`);
      deepStrictEqual(joined.body, { room_id: roomId });
      deepStrictEqual((await bob.ask('GET', `/v3/rooms/${roomId}/aliases`)).body, { aliases: ['#lead:test.example'] });
    });

    it('belong to one room', async () => {
      await alice.ask('PUT', aliasPath('one'), { room_id: await room(alice) });
      deepStrictEqual(outcome(await alice.ask('PUT', aliasPath('one'), { room_id: await room(alice) })), [
        409,
        'M_UNKNOWN',
      ]);
      const taken = await alice.ask('POST', '/v3/createRoom', { room_alias_name: 'one' });
      deepStrictEqual(outcome(taken), [400, 'M_ROOM_IN_USE']);
    });

    it('are made by those in the room, of this server, with a valid name', async () => {
      const roomId = await room(alice, { preset: 'private_chat' });
      deepStrictEqual(outcome(await bob.ask('PUT', aliasPath('out'), { room_id: roomId })), [403, 'M_FORBIDDEN']);
      const elsewhere = `/v3/directory/room/${encodeURIComponent('#x:elsewhere.example')}`;
      deepStrictEqual(outcome(await alice.ask('PUT', elsewhere, { room_id: roomId })), [400, 'M_INVALID_PARAM']);
      deepStrictEqual(outcome(await alice.ask('PUT', '/v3/directory/room/x', { room_id: roomId })), [
        400,
        'M_INVALID_PARAM',
      ]);
      deepStrictEqual(outcome(await server.ask('GET', aliasPath('out'))), [404, 'M_NOT_FOUND']);
      deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/aliases`)), [403, 'M_FORBIDDEN']);
    });

    it('are deleted by who made them or runs the room, and leave its canonical alias', async () => {
      const roomId = await room(alice, { room_alias_name: 'gone' });
      await bob.ask('POST', `/v3/rooms/${roomId}/join`);
      deepStrictEqual(outcome(await bob.ask('DELETE', aliasPath('gone'))), [403, 'M_FORBIDDEN']);
      strictEqual((await alice.ask('DELETE', aliasPath('gone'))).status, 200);
      deepStrictEqual(outcome(await server.ask('GET', aliasPath('gone'))), [404, 'M_NOT_FOUND']);
      deepStrictEqual((await alice.ask('GET', `/v3/rooms/${roomId}/state/m.room.canonical_alias`)).body, {});
      deepStrictEqual(outcome(await alice.ask('DELETE', aliasPath('gone'))), [404, 'M_NOT_FOUND']);
      await bob.ask('PUT', aliasPath('bobs'), { room_id: roomId });
      strictEqual((await bob.ask('DELETE', aliasPath('bobs'))).status, 200);
    });

    it('are canonical only if they are of the room', async () => {
      const roomId = await room(alice, { room_alias_name: 'mine' });
      await room(alice, { room_alias_name: 'other' });
      const set = (content: object) => alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.canonical_alias/`, content);
      deepStrictEqual(outcome(await set({ alias: '#other:test.example' })), [400, 'M_BAD_ALIAS']);
      deepStrictEqual(outcome(await set({ alias: 'mine' })), [400, 'M_INVALID_PARAM']);
      deepStrictEqual(outcome(await set({ alt_aliases: ['#nothing:test.example'] })), [400, 'M_BAD_ALIAS']);
      strictEqual((await set({ alias: '#mine:test.example', alt_aliases: ['#mine:test.example'] })).status, 200);
      await alice.ask('DELETE', aliasPath('mine'));
    });
  });

  describe('the list of public rooms', () => {
    it('has published rooms, the largest first, page by page in both directions', async () => {
      const names = ['Small', 'Large', 'Space'];
      const [small, large, space] = [
        await room(alice, { visibility: 'public', name: names[0], topic: 'Nobody here' }),
        await room(alice, { visibility: 'public', name: names[1] }),
        await room(alice, { visibility: 'public', name: names[2], creation_content: { type: 'm.space' } }),
      ];
      await bob.ask('POST', `/v3/join/${large}`);
      const list = (path: string) => server.ask('GET', `/v3/publicRooms${path}`);
      const first = (await list('?limit=1')).body;
      deepStrictEqual(
        [first.chunk[0].name, first.chunk[0].num_joined_members, first.total_room_count_estimate, first.prev_batch],
        ['Large', 2, 3, undefined],
      );
      const second = (await list(`?limit=2&since=${encodeURIComponent(first.next_batch)}`)).body;
      deepStrictEqual(new Set(second.chunk.map((r: { room_id: string }) => r.room_id)), new Set([small, space]));
      strictEqual(second.next_batch, undefined);
      const back = (await list(`?limit=5&since=${encodeURIComponent(second.prev_batch)}`)).body;
      deepStrictEqual(
        back.chunk.map((r: { room_id: string }) => r.room_id),
        [large],
      );
      deepStrictEqual(outcome(await list('?since=elsewhere')), [400, 'M_INVALID_PARAM']);

      const search = async (filter: object) =>
        (await alice.ask('POST', '/v3/publicRooms', { filter })).body.chunk.map((r: { name: string }) => r.name);
      deepStrictEqual(await search({ generic_search_term: 'nobody' }), ['Small']);
      deepStrictEqual(await search({ room_types: ['m.space'] }), ['Space']);
      deepStrictEqual(await search({ room_types: [null] }), ['Large', 'Small']);
      deepStrictEqual(await search({ generic_search_term: '%' }), []);

      await server.restart();
      strictEqual((await list('')).body.chunk.length, 3);
    });

    it('follows what those who run a room decide', async () => {
      const roomId = await room(alice);
      const path = `/v3/directory/list/room/${roomId}`;
      deepStrictEqual((await server.ask('GET', path)).body, { visibility: 'private' });
      await bob.ask('POST', `/v3/join/${roomId}`);
      deepStrictEqual(outcome(await bob.ask('PUT', path, { visibility: 'public' })), [403, 'M_FORBIDDEN']);
      strictEqual((await alice.ask('PUT', path, {})).status, 200);
      deepStrictEqual((await server.ask('GET', path)).body, { visibility: 'public' });
      strictEqual((await alice.ask('PUT', path, { visibility: 'private' })).status, 200);
      deepStrictEqual((await server.ask('GET', path)).body, { visibility: 'private' });
      const nowhere = '/v3/directory/list/room/!nowhere:test.example';
      deepStrictEqual(outcome(await server.ask('GET', nowhere)), [404, 'M_NOT_FOUND']);
    });
  });

  describe('summaries', () => {
    it('tell everybody of rooms that everybody can join', async () => {
      const roomId = await room(alice, { name: 'Open', topic: 'Come in', room_alias_name: 'open' });
      const path = `/v1/room_summary/${encodeURIComponent('#open:test.example')}`;
      const summary = (await server.ask('GET', path)).body;
      deepStrictEqual(summary, {
        room_id: roomId,
        num_joined_members: 1,
        world_readable: false,
        guest_can_join: false,
        join_rule: 'public',
        room_version: '12',
        name: 'Open',
        topic: 'Come in',
        canonical_alias: '#open:test.example',
      });
      strictEqual((await bob.ask('GET', path)).body.membership, 'leave');
      strictEqual((await alice.ask('GET', path)).body.membership, 'join');
      const old = await bob.ask('GET', `/unstable/im.nheko.summary/rooms/${roomId}/summary`);
      strictEqual(old.body['im.nheko.summary.room_version'], '12');
    });

    it('tell of private rooms only those who are invited', async () => {
      const roomId = await room(alice, { preset: 'private_chat' });
      const path = `/v1/room_summary/${roomId}`;
      deepStrictEqual(outcome(await server.ask('GET', path)), [404, 'M_NOT_FOUND']);
      deepStrictEqual(outcome(await bob.ask('GET', path)), [404, 'M_NOT_FOUND']);
      await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: bob.userId });
      strictEqual((await bob.ask('GET', path)).body.membership, 'invite');
    });

    it('tell of restricted rooms those who meet a condition', async () => {
      const club = await room(alice, { preset: 'private_chat' });
      const allow = [{ type: 'm.room_membership', room_id: club }];
      const rule = { type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } };
      const roomId = await room(alice, { initial_state: [rule] });
      deepStrictEqual(outcome(await bob.ask('GET', `/v1/room_summary/${roomId}`)), [404, 'M_NOT_FOUND']);
      await alice.ask('POST', `/v3/rooms/${club}/invite`, { user_id: bob.userId });
      await bob.ask('POST', `/v3/join/${club}`);
      deepStrictEqual((await bob.ask('GET', `/v1/room_summary/${roomId}`)).body.allowed_room_ids, [club]);
      ok((await bob.ask('POST', `/v3/join/${roomId}`)).body.room_id);
    });
  });
});
