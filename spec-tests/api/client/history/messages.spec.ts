import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface Event {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly state_key?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read content field by field
  readonly content: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests read it field by field
  readonly unsigned: any;
}

describe('getRoomEvents', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver({ limits: { page_max: 120 } });
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  let txn = 0;
  const send = async (user: TestUser, roomId: string, body: string, more: object = {}): Promise<string> => {
    const content = { msgtype: 'm.text', body, ...more };
    return (await user.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/t${++txn}`, content)).body.event_id;
  };
  const room = async (body: object = {}): Promise<string> =>
    (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
  const page = async (user: TestUser, roomId: string, query: string) => {
    const { status, body } = await user.ask('GET', `/v3/rooms/${roomId}/messages?${query}`);
    strictEqual(status, 200, JSON.stringify(body));
    return body as { chunk: Event[]; start: string; end?: string; state?: Event[] };
  };
  const bodies = (events: readonly Event[]) => events.map((e) => e.content.body ?? e.type);
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  /** Every event, page by page. */
  const walk = async (user: TestUser, roomId: string, dir: string, limit: number, from?: string): Promise<Event[]> => {
    const all: Event[] = [];
    for (let token = from; ; ) {
      const next = await page(user, roomId, `dir=${dir}&limit=${limit}${token ? `&from=${token}` : ''}`);
      all.push(...next.chunk);
      if (next.end === undefined) return all;
      token = next.end;
    }
  };

  it('gives every event once, in both directions, from memory and from storage', async () => {
    const roomId = await room();
    await Promise.all(Array.from({ length: 150 }, (_, i) => send(alice, roomId, `m${i}`)));
    const back = (await walk(alice, roomId, 'b', 17)).map((e) => e.event_id);
    const forth = (await walk(alice, roomId, 'f', 23)).map((e) => e.event_id);
    strictEqual(new Set(back).size, back.length);
    strictEqual(back.length, 155);
    deepStrictEqual(forth, back.toReversed());
    await server.restart();
    deepStrictEqual(
      (await walk(alice, roomId, 'b', 50)).map((e) => e.event_id),
      back,
    );
  });

  it('has tokens that mean the same point in both directions', async () => {
    const roomId = await room();
    for (const body of ['a', 'b', 'c', 'd']) await send(alice, roomId, body);
    const back = await page(alice, roomId, 'dir=b&limit=2');
    deepStrictEqual(bodies(back.chunk), ['d', 'c']);
    const forth = await page(alice, roomId, `dir=f&limit=10&from=${back.end}`);
    deepStrictEqual(bodies(forth.chunk), ['c', 'd']);
    const between = await page(alice, roomId, `dir=b&limit=10&from=${back.start}&to=${back.end}`);
    deepStrictEqual([bodies(between.chunk), between.end], [['d', 'c'], undefined]);
    const forthTo = await page(alice, roomId, `dir=f&limit=10&from=${back.end}&to=${back.start}`);
    deepStrictEqual([bodies(forthTo.chunk), forthTo.end], [['c', 'd'], undefined]);
  });

  it('says where to go on after what a filter let through, even at the beginning of the room', async () => {
    const roomId = await room();
    await send(alice, roomId, 'plain');
    await send(alice, roomId, 'picture', { url: 'mxc://test.example/abc' });
    const filter = encodeURIComponent('{"contains_url":true}');
    const first = await page(alice, roomId, `dir=b&filter=${filter}`);
    deepStrictEqual(bodies(first.chunk), ['picture']);
    const next = await page(alice, roomId, `dir=b&filter=${filter}&from=${first.end}`);
    deepStrictEqual([next.chunk, next.end], [[], undefined]);
  });

  it('takes the tokens of sync', async () => {
    const roomId = await room();
    await send(alice, roomId, 'before');
    const { body } = await alice.ask('GET', '/v3/sync?timeout=0');
    await send(alice, roomId, 'after');
    deepStrictEqual(bodies((await page(alice, roomId, `dir=b&limit=1&from=${body.next_batch}`)).chunk), ['before']);
    deepStrictEqual(bodies((await page(alice, roomId, `dir=f&limit=5&from=${body.next_batch}`)).chunk), ['after']);
    const prev = body.rooms.join[roomId].timeline.prev_batch;
    strictEqual((await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&from=${prev}`)).status, 200);
  });

  it('refuses tokens, directions and filters that it does not know', async () => {
    const roomId = await room();
    const ask = (query: string) => alice.ask('GET', `/v3/rooms/${roomId}/messages?${query}`);
    deepStrictEqual(outcome(await ask('dir=b&from=x')), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await ask('dir=b&to=x')), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await ask('dir=x')), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await ask('')), [400, 'M_MISSING_PARAM']);
    deepStrictEqual(outcome(await ask('dir=b&limit=-1')), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(outcome(await ask(`dir=b&filter=${encodeURIComponent('{"types":1}')}`)), [400, 'M_BAD_JSON']);
    deepStrictEqual(outcome(await bob.ask('GET', '/v3/rooms/!unknown:test.example/messages?dir=b')), [
      403,
      'M_FORBIDDEN',
    ]);
  });

  it('gives no more on a page than the configuration allows', async () => {
    const roomId = await room();
    await Promise.all(Array.from({ length: 130 }, (_, i) => send(alice, roomId, `m${i}`)));
    strictEqual((await page(alice, roomId, 'dir=b&limit=100000')).chunk.length, 120);
    strictEqual((await page(alice, roomId, 'dir=b&limit=0')).chunk.length, 0);
    strictEqual((await page(alice, roomId, 'dir=b')).chunk.length, 10);
  });

  it('applies filters, and goes on where they leave much out', async () => {
    const roomId = await room();
    await send(alice, roomId, 'picture', { url: 'mxc://test.example/x' });
    for (let i = 0; i < 60; i++) await send(alice, roomId, `m${i}`);
    await bob.ask('POST', `/v3/join/${roomId}`);
    await send(bob, roomId, 'mine');
    const filtered = (filter: object, limit = 10) =>
      page(alice, roomId, `dir=b&limit=${limit}&filter=${encodeURIComponent(JSON.stringify(filter))}`);
    deepStrictEqual(bodies((await filtered({ contains_url: true })).chunk), ['picture']);
    deepStrictEqual(bodies((await filtered({ senders: [bob.userId], types: ['m.room.message'] })).chunk), ['mine']);
    deepStrictEqual(bodies((await filtered({ not_types: ['m.room.*'] })).chunk), []);
    const first = await filtered({ types: ['m.room.message'], senders: [alice.userId] }, 5);
    deepStrictEqual(bodies(first.chunk), ['m59', 'm58', 'm57', 'm56', 'm55']);
    const next = await page(alice, roomId, `dir=b&limit=1&from=${first.end}`);
    deepStrictEqual(bodies(next.chunk), ['m54']);
  });

  it('finds events that others relate to', async () => {
    const roomId = await room();
    const root = await send(alice, roomId, 'root');
    await send(alice, roomId, 'other');
    await send(alice, roomId, 'reply', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
    const find = async (filter: object) =>
      bodies((await page(alice, roomId, `dir=b&filter=${encodeURIComponent(JSON.stringify(filter))}`)).chunk);
    deepStrictEqual(await find({ related_by_rel_types: ['m.thread'] }), ['root']);
    deepStrictEqual(await find({ related_by_rel_types: ['m.reference'] }), []);
    deepStrictEqual(await find({ related_by_senders: [bob.userId] }), []);
    deepStrictEqual(await find({ related_by_senders: [alice.userId] }), ['root']);
  });

  it('tells of senders as they were, where members are loaded lazily', async () => {
    const roomId = await room();
    await send(alice, roomId, 'first');
    const { start } = await page(alice, roomId, 'dir=b&limit=1');
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.member/${alice.userId}`, {
      membership: 'join',
      displayname: 'Later',
    });
    await send(alice, roomId, 'second');
    const filter = encodeURIComponent('{"lazy_load_members":true}');
    const old = await page(alice, roomId, `dir=b&limit=1&from=${start}&filter=${filter}`);
    deepStrictEqual(
      old.state?.map((e) => [e.state_key, e.content.displayname]),
      [[alice.userId, 'alice']],
    );
    const now = await page(alice, roomId, `dir=b&limit=1&filter=${filter}`);
    deepStrictEqual(
      now.state?.map((e) => e.content.displayname),
      ['Later'],
    );
  });

  it('leaves out what ignored users say, but not what they set', async () => {
    const roomId = await room();
    await bob.ask('POST', `/v3/join/${roomId}`);
    await send(bob, roomId, 'noise');
    await alice.ask('PUT', `/v3/user/${alice.userId}/account_data/m.ignored_user_list`, {
      ignored_users: { [bob.userId]: {} },
    });
    const { chunk } = await page(alice, roomId, 'dir=b&limit=2');
    deepStrictEqual(
      chunk.map((e) => [e.sender, e.type]),
      [
        [bob.userId, 'm.room.member'],
        [alice.userId, 'm.room.history_visibility'],
      ],
    );
    await alice.ask('PUT', `/v3/user/${alice.userId}/account_data/m.ignored_user_list`, { ignored_users: {} });
  });

  describe('history visibility', () => {
    const visible = async (visibility: string): Promise<{ roomId: string; seen: () => Promise<string[]> }> => {
      const roomId = await room({
        initial_state: [
          { type: 'm.room.history_visibility', content: { history_visibility: visibility } },
          { type: 'm.room.join_rules', content: { join_rule: 'public' } },
        ],
      });
      const seen = async () =>
        (await walk(bob, roomId, 'f', 50)).filter((e) => e.type === 'm.room.message').map((e) => e.content.body);
      return { roomId, seen };
    };

    it('shows to members of a shared room everything up to when they left', async () => {
      const { roomId, seen } = await visible('shared');
      await send(alice, roomId, 'before');
      await bob.ask('POST', `/v3/join/${roomId}`);
      await send(alice, roomId, 'during');
      await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
      await send(alice, roomId, 'after');
      deepStrictEqual(await seen(), ['before', 'during']);
      deepStrictEqual(bodies((await page(bob, roomId, 'dir=b&limit=2')).chunk), ['m.room.member', 'during']);
      await bob.ask('POST', `/v3/join/${roomId}`);
      deepStrictEqual(await seen(), ['before', 'during', 'after']);
    });

    it('shows of a room for those joined only the time of being in it', async () => {
      const { roomId, seen } = await visible('joined');
      await send(alice, roomId, 'before');
      await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: bob.userId });
      await send(alice, roomId, 'invited');
      await bob.ask('POST', `/v3/join/${roomId}`);
      await send(alice, roomId, 'during');
      await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
      await send(alice, roomId, 'away');
      await bob.ask('POST', `/v3/join/${roomId}`);
      await send(alice, roomId, 'again');
      deepStrictEqual(await seen(), ['during', 'again']);
    });

    it('begins with the invite where that is what the room says', async () => {
      const { roomId, seen } = await visible('invited');
      await send(alice, roomId, 'before');
      await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: bob.userId });
      await send(alice, roomId, 'invited');
      await bob.ask('POST', `/v3/join/${roomId}`);
      await send(alice, roomId, 'during');
      deepStrictEqual(await seen(), ['invited', 'during']);
    });

    it('shows a world-readable room to everybody', async () => {
      const { roomId, seen } = await visible('world_readable');
      await send(alice, roomId, 'open');
      deepStrictEqual(await seen(), ['open']);
      const { chunk } = await page(bob, roomId, 'dir=b&limit=1');
      strictEqual(chunk[0]?.unsigned.membership, 'leave');
    });

    it('judges each event by what held when it was sent', async () => {
      const { roomId, seen } = await visible('joined');
      await send(alice, roomId, 'secret');
      await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.history_visibility`, { history_visibility: 'shared' });
      await send(alice, roomId, 'open');
      await bob.ask('POST', `/v3/join/${roomId}`);
      deepStrictEqual(await seen(), ['open']);
      await server.restart();
      deepStrictEqual(await seen(), ['open']);
    });

    it('lets nobody in who never was in, not even by an invite that was rejected', async () => {
      const roomId = await room({ preset: 'private_chat', invite: [bob.userId] });
      for (const path of ['messages?dir=b', 'state', 'members', 'joined_members', 'state/m.room.create']) {
        deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/${path}`)), [403, 'M_FORBIDDEN'], path);
      }
      await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
      deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/state`)), [403, 'M_FORBIDDEN']);
      await alice.ask('POST', `/v3/rooms/${roomId}/ban`, { user_id: bob.userId });
      deepStrictEqual(outcome(await bob.ask('GET', `/v3/rooms/${roomId}/state`)), [403, 'M_FORBIDDEN']);
    });
  });
});
