import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface StateEvent {
  readonly type: string;
  readonly state_key: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read content field by field
  readonly content: any;
}

describe('createRoom', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver({ limits: { invites_per_room_creation: 3 } });
    alice = await server.register('alice');
    bob = await server.register('bob');
    await alice.ask('PUT', `/v3/profile/${alice.userId}/displayname`, { displayname: 'Alice' });
    await bob.ask('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Bob' });
  });
  after(() => server.stop());

  const create = (body: object, user = alice) => user.ask('POST', '/v3/createRoom', body);
  const made = async (body: object): Promise<string> => {
    const answer = await create(body);
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.room_id;
  };
  const stateOf = async (roomId: string): Promise<Map<string, StateEvent>> => {
    const events: StateEvent[] = (await alice.ask('GET', `/v3/rooms/${roomId}/state`)).body;
    return new Map(events.map((e) => [e.state_key === '' ? e.type : `${e.type} ${e.state_key}`, e]));
  };
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  it('makes a room of version 12, whose id is the hash of its create event', async () => {
    const roomId = await made({});
    match(roomId, /^![A-Za-z0-9_-]{43}$/);
    const state = await stateOf(roomId);
    deepStrictEqual(state.get('m.room.create')?.content, { room_version: '12' });
    strictEqual(state.get('m.room.power_levels')?.content.users[alice.userId], undefined);
    strictEqual(state.get('m.room.power_levels')?.content.events['m.room.tombstone'], 150);
    deepStrictEqual(state.get(`m.room.member ${alice.userId}`)?.content, { membership: 'join', displayname: 'Alice' });
  });

  it('makes rooms of the versions that are asked for, and of no others', async () => {
    for (const version of ['10', '11']) {
      const roomId = await made({ room_version: version });
      match(roomId, /^![A-Za-z0-9]{18}:test\.example$/);
      const { content } = (await stateOf(roomId)).get('m.room.create')!;
      deepStrictEqual(
        content,
        version === '10' ? { room_version: '10', creator: alice.userId } : { room_version: '11' },
      );
      strictEqual((await stateOf(roomId)).get('m.room.power_levels')?.content.users[alice.userId], 100);
    }
    deepStrictEqual(outcome(await create({ room_version: '13' })), [400, 'M_UNSUPPORTED_ROOM_VERSION']);
    deepStrictEqual(outcome(await create({ room_version: 'x' })), [400, 'M_UNSUPPORTED_ROOM_VERSION']);
    deepStrictEqual(outcome(await create({ room_version: 12 })), [400, 'M_BAD_JSON']);
  });

  it('gives each preset its state', async () => {
    const of = async (body: object) => {
      const state = await stateOf(await made(body));
      return [
        state.get('m.room.join_rules')?.content.join_rule,
        state.get('m.room.history_visibility')?.content.history_visibility,
        state.get('m.room.guest_access')?.content.guest_access,
      ];
    };
    deepStrictEqual(await of({}), ['invite', 'shared', 'can_join']);
    deepStrictEqual(await of({ visibility: 'public' }), ['public', 'shared', undefined]);
    deepStrictEqual(await of({ preset: 'public_chat' }), ['public', 'shared', undefined]);
    deepStrictEqual(await of({ preset: 'private_chat', visibility: 'public' }), ['invite', 'shared', 'can_join']);
    deepStrictEqual(await of({ preset: 'trusted_private_chat' }), ['invite', 'shared', 'can_join']);
  });

  it('sends the events of a room in the order of the specification', async () => {
    const roomId = await made({
      room_alias_name: 'order',
      initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
      name: 'Name',
      topic: 'Topic',
      invite: [bob.userId],
    });
    const page = await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=f&limit=50`);
    deepStrictEqual(
      page.body.chunk.map((e: StateEvent) => e.type),
      [
        'm.room.create',
        'm.room.member',
        'm.room.power_levels',
        'm.room.canonical_alias',
        'm.room.join_rules',
        'm.room.history_visibility',
        'm.room.guest_access',
        'm.room.encryption',
        'm.room.name',
        'm.room.topic',
        'm.room.member',
      ],
    );
    deepStrictEqual(page.body.chunk.at(-2).content, {
      topic: 'Topic',
      'm.topic': { 'm.text': [{ body: 'Topic', mimetype: 'text/plain' }] },
    });
  });

  it('lets initial_state stand above the preset and below name and topic', async () => {
    const state = await stateOf(
      await made({
        preset: 'private_chat',
        name: 'The name',
        initial_state: [
          { type: 'm.room.join_rules', content: { join_rule: 'knock' } },
          { type: 'm.room.name', content: { name: 'Another' } },
          { type: 'm.room.power_levels', content: { events_default: 50 } },
          { type: 'org.example.thing', state_key: 'key', content: { a: 1 } },
        ],
      }),
    );
    strictEqual(state.get('m.room.join_rules')?.content.join_rule, 'knock');
    strictEqual(state.get('m.room.name')?.content.name, 'The name');
    deepStrictEqual(state.get('m.room.power_levels')?.content, { events_default: 50 });
    deepStrictEqual(state.get('org.example.thing key')?.content, { a: 1 });
  });

  it('puts creation_content and power_level_content_override where they belong', async () => {
    const state = await stateOf(
      await made({
        creation_content: { type: 'm.space', 'm.federate': false, room_version: '1', creator: '@x:y' },
        power_level_content_override: { events_default: 30, invite: 50 },
      }),
    );
    deepStrictEqual(state.get('m.room.create')?.content, { type: 'm.space', 'm.federate': false, room_version: '12' });
    const levels = state.get('m.room.power_levels')?.content;
    deepStrictEqual([levels.events_default, levels.invite, levels.ban], [30, 50, 50]);
  });

  it('makes those invited to a trusted private chat equals of the creator', async () => {
    const old = await stateOf(
      await made({ preset: 'trusted_private_chat', invite: [bob.userId], room_version: '11', is_direct: true }),
    );
    strictEqual(old.get('m.room.power_levels')?.content.users[bob.userId], 100);
    deepStrictEqual(old.get(`m.room.member ${bob.userId}`)?.content, {
      membership: 'invite',
      displayname: 'Bob',
      is_direct: true,
    });
    const roomId = await made({
      preset: 'trusted_private_chat',
      invite: [bob.userId],
      creation_content: { additional_creators: [bob.userId, '@carol:test.example'] },
    });
    const create = (await stateOf(roomId)).get('m.room.create')?.content;
    deepStrictEqual(create.additional_creators, [bob.userId, '@carol:test.example']);
  });

  it('gives no power level to creators who stand above them', async () => {
    const users = { [alice.userId]: 100 };
    deepStrictEqual(outcome(await create({ power_level_content_override: { users } })), [400, 'M_BAD_JSON']);
    deepStrictEqual(outcome(await create({ creation_content: { additional_creators: ['bob'] } })), [400, 'M_BAD_JSON']);
    deepStrictEqual(outcome(await create({ creation_content: { additional_creators: 'bob' } })), [400, 'M_BAD_JSON']);
  });

  it('makes nothing at all of a room that cannot be', async () => {
    const levels = { users: { [alice.userId]: 0 } };
    const name = { room_version: '11', name: 'x', power_level_content_override: levels, room_alias_name: 'half' };
    deepStrictEqual(outcome(await create(name)), [400, 'M_INVALID_ROOM_STATE']);
    const alias = await server.ask('GET', `/v3/directory/room/${encodeURIComponent('#half:test.example')}`);
    strictEqual(alias.status, 404);
    strictEqual((await create({ room_alias_name: 'half' })).status, 200);
  });

  it('refuses too many invites, invites of no users, and those by e-mail', async () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => `@${name}:test.example`);
    deepStrictEqual(outcome(await create({ invite: many })), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await create({ invite: ['bob'] })), [400, 'M_BAD_JSON']);
    const threepid = { id_server: 'x', id_access_token: 'y', medium: 'email', address: 'a@b.c' };
    deepStrictEqual(outcome(await create({ invite_3pid: [threepid] })), [403, 'M_THREEPID_DENIED']);
  });

  it('makes different rooms of the same request in the same millisecond', async () => {
    const rooms = await Promise.all([made({ name: 'same' }), made({ name: 'same' }), made({ name: 'same' })]);
    strictEqual(new Set(rooms).size, 3);
  });

  it('encrypts rooms by itself where the configuration says so', async () => {
    const encrypting = await startTestHomeserver({ rooms: { encrypt_by_default: 'private', default_version: '11' } });
    try {
      const carol = await encrypting.register('carol');
      const isEncrypted = async (body: object) => {
        const { room_id: roomId } = (await carol.ask('POST', '/v3/createRoom', body)).body;
        ok(roomId.endsWith(':test.example'));
        return (await carol.ask('GET', `/v3/rooms/${roomId}/state/m.room.encryption`)).status === 200;
      };
      deepStrictEqual([await isEncrypted({}), await isEncrypted({ preset: 'public_chat' })], [true, false]);
    } finally {
      await encrypting.stop();
    }
  });
});
