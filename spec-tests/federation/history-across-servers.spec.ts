import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { NoticeBoard } from '../../src/services/events.ts';
import { SearchIndex } from '../../src/services/search/search-index.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';
import type { TestUser } from '../support/test-homeserver.ts';

describe('History across servers', () => {
  let federation: TestFederation;
  let here: TestPeer;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let transactions = 0;

  before(async function () {
    this.timeout(60_000);
    federation = await startTestFederation(this, 2);
    here = federation.servers[0]!;
    alice = await here.register('alice');
    bob = await federation.servers[1]!.register('bob');
  });
  after(() => federation?.stop());

  const say = async (user: TestUser, body: string, more: object = {}): Promise<string> => {
    transactions += 1;
    const path = `/v3/rooms/${roomId}/send/m.room.message/${transactions}`;
    const answer = await user.ask('PUT', path, { msgtype: 'm.text', body, ...more });
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.event_id;
  };
  const roomOf = async (visibility: string) => {
    const initial_state = [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } },
    ];
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', initial_state })).body.room_id;
    const said: string[] = [];
    for (let i = 0; i < 25; i++) said.push(await say(alice, `before ${i}`));
    const join = `/v3/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(here.serverName)}`;
    strictEqual((await bob.ask('POST', join, {})).status, 200);
    return said;
  };
  const pagedThrough = async (user: TestUser) => {
    // biome-ignore lint/suspicious/noExplicitAny: events are asserted on field by field
    const events: any[] = [];
    for (let from: string | undefined = ''; from !== undefined; ) {
      const query: string = from === '' ? '' : `&from=${from}`;
      const { status, body } = await user.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=10${query}`);
      strictEqual(status, 200);
      events.push(...body.chunk);
      from = body.end;
    }
    return events.reverse();
  };

  it('goes back to the beginning of a room that was joined late', async function () {
    this.timeout(60_000);
    const said = await roomOf('shared');
    const events = await pagedThrough(bob);
    strictEqual(events[0].type, 'm.room.create');
    deepStrictEqual(
      events.filter(({ type }) => type === 'm.room.message').map(({ event_id }) => event_id),
      said,
    );
    strictEqual(new Set(events.map(({ event_id }) => event_id)).size, events.length);
    deepStrictEqual(
      events.map(({ event_id }) => event_id),
      [...(await pagedThrough(alice))].map(({ event_id }) => event_id),
    );
  });

  it('is found by its words once somebody has paged back to it, with what stands around it', async function () {
    this.timeout(60_000);
    const said = await roomOf('shared');
    const search = async () => {
      const criteria = { search_term: 'before 7', filter: { rooms: [roomId] }, event_context: { before_limit: 1 } };
      const body = { search_categories: { room_events: { ...criteria, order_by: 'recent' } } };
      return (await bob.ask('POST', '/v3/search', body)).body.search_categories.room_events;
    };
    await pagedThrough(bob);
    const { count, results } = await search();
    strictEqual(count, 1);
    strictEqual(results[0].result.event_id, said[7]);
    strictEqual(results[0].context.events_before[0].event_id, said[6]);
    // As a server finds it that was stopped before it came to the index.
    const { searchIndex, storage } = federation.servers[1]!.homeserver.services;
    while (await searchIndex.deleteOf(alice.userId, 100));
    strictEqual((await search()).count, 0);
    await new SearchIndex(storage, new NoticeBoard(), { enabled: true, searchRoomsBehind: 100 }).run();
    strictEqual((await search()).count, 1);
  });

  it('has the threads, edits and references from before they joined', async function () {
    this.timeout(60_000);
    const related = (rel_type: string, event_id: string) => ({ 'm.relates_to': { rel_type, event_id } });
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const root = await say(alice, 'root');
    const [first, last] = [
      await say(alice, 'first', related('m.thread', root)),
      await say(alice, 'last', related('m.thread', root)),
    ];
    const newest = await say(alice, '* 1', { 'm.new_content': { body: '1' }, ...related('m.replace', first!) });
    const other = await say(alice, 'other root');
    await say(alice, 'only', related('m.thread', other));
    const told = async (user: TestUser) => {
      const get = async (path: string) => (await user.ask('GET', `/v1/rooms/${roomId}/${path}`)).body;
      // biome-ignore lint/suspicious/noExplicitAny: events are asserted on field by field
      const ids = ({ chunk }: { chunk: any[] }) => chunk.map(({ event_id }) => event_id);
      const page = await get(`relations/${root}?limit=1`);
      const threads = await get('threads?limit=1');
      const { unsigned } = (await user.ask('GET', `/v3/rooms/${roomId}/event/${root}`)).body;
      return {
        thread: [...ids(page), ...ids(await get(`relations/${root}?limit=1&from=${page.next_batch}`))],
        all: ids(await get(`relations/${root}?recurse=true`)),
        oldestFirst: ids(await get(`relations/${root}?recurse=true&dir=f`)),
        threads: [...ids(threads), ...ids(await get(`threads?limit=1&from=${threads.next_batch}`))],
        count: unsigned['m.relations']['m.thread'].count,
        latest: unsigned['m.relations']['m.thread'].latest_event.event_id,
      };
    };
    const join = `/v3/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(here.serverName)}`;
    strictEqual((await bob.ask('POST', join, {})).status, 200);
    await pagedThrough(bob);
    deepStrictEqual(await told(bob), {
      thread: [last, first],
      all: [newest, last, first],
      oldestFirst: [first, last, newest],
      threads: [other, root],
      count: 2,
      latest: last,
    });
    deepStrictEqual(await told(alice), await told(bob));
    const reply = await say(bob, 'from elsewhere', related('m.thread', root));
    deepStrictEqual((await told(bob)).thread, [reply, last]);
  });

  it('shows nothing from before they joined where only members may see it', async function () {
    this.timeout(60_000);
    await roomOf('joined');
    const events = await pagedThrough(bob);
    ok(events.every(({ type }) => type !== 'm.room.message'));
    const next = await say(alice, 'after');
    ok(next);
  });
});
