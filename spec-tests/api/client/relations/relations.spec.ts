import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface Event {
  readonly event_id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read content field by field
  readonly content: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests read it field by field
  readonly unsigned: any;
}

describe('Relations', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    roomId = await room();
  });
  after(() => server.stop());

  let txn = 0;
  const send = async (user: TestUser, body: string, more: object = {}, type = 'm.room.message'): Promise<string> => {
    const answer = await user.ask('PUT', `/v3/rooms/${roomId}/send/${type}/t${++txn}`, { body, ...more });
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.event_id;
  };
  const room = async (body: object = {}): Promise<string> => {
    const made = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
    await bob.ask('POST', `/v3/join/${made}`);
    return made;
  };
  const relates = (rel_type: string, event_id: string, more: object = {}) => ({
    'm.relates_to': { rel_type, event_id },
    ...more,
  });
  const edit = (eventId: string, body: string) => relates('m.replace', eventId, { 'm.new_content': { body } });
  const redact = (user: TestUser, eventId: string) =>
    user.ask('PUT', `/v3/rooms/${roomId}/redact/${eventId}/r${++txn}`, {});
  const event = async (user: TestUser, eventId: string): Promise<Event> =>
    (await user.ask('GET', `/v3/rooms/${roomId}/event/${eventId}`)).body;
  const bundle = async (user: TestUser, eventId: string) => (await event(user, eventId)).unsigned['m.relations'];
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  describe('bundled with events', () => {
    it('are the newest edit of the sender, and no other', async () => {
      const eventId = await send(alice, 'tpyo');
      strictEqual(await bundle(alice, eventId), undefined);
      server.clock.advance(1);
      await send(alice, '* typo', edit(eventId, 'typo'));
      server.clock.advance(1);
      const newest = await send(alice, '* no typo', edit(eventId, 'no typo'));
      await send(bob, '* mine', edit(eventId, 'mine'));
      strictEqual((await bundle(bob, eventId))['m.replace'].event_id, newest);
      strictEqual((await event(bob, eventId)).content.body, 'tpyo');
      await redact(alice, newest);
      strictEqual((await bundle(bob, eventId))['m.replace'].content['m.new_content'].body, 'typo');
      await redact(alice, eventId);
      strictEqual(await bundle(bob, eventId), undefined);
    });

    it('are not edits of edits or of state', async () => {
      const eventId = await send(alice, 'x');
      const first = await send(alice, '* y', edit(eventId, 'y'));
      await send(alice, '* z', edit(first, 'z'));
      strictEqual(await bundle(alice, first), undefined);
      const topic = (await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.topic`, { topic: 'x' })).body.event_id;
      await send(alice, '* topic', edit(topic, 'y'), 'm.room.topic');
      strictEqual(await bundle(alice, topic), undefined);
    });

    it('are threads: how many events, the last of them, and whether one has taken part', async () => {
      const root = await send(alice, 'root');
      const first = await send(bob, 'one', relates('m.thread', root));
      const second = await send(bob, 'two', relates('m.thread', root));
      const thread = (await bundle(alice, root))['m.thread'];
      deepStrictEqual(
        [thread.count, thread.latest_event.event_id, thread.current_user_participated],
        [2, second, true],
      );
      const carol = await server.register('carol');
      await carol.ask('POST', `/v3/join/${roomId}`);
      strictEqual((await bundle(carol, root))['m.thread'].current_user_participated, false);
      await send(carol, 'three', relates('m.thread', root));
      const grown = (await bundle(carol, root))['m.thread'];
      deepStrictEqual([grown.count, grown.current_user_participated], [3, true]);
      const edited = await send(bob, '* 2', edit(second, '2'));
      await redact(carol, grown.latest_event.event_id);
      const left = (await bundle(carol, root))['m.thread'];
      deepStrictEqual([left.count, left.current_user_participated, left.latest_event.event_id], [2, false, second]);
      strictEqual(left.latest_event.unsigned['m.relations']['m.replace'].event_id, edited);
      await alice.ask('PUT', `/v3/user/${alice.userId}/account_data/m.ignored_user_list`, {
        ignored_users: { [bob.userId]: {} },
      });
      strictEqual(await bundle(alice, root), undefined);
      await alice.ask('PUT', `/v3/user/${alice.userId}/account_data/m.ignored_user_list`, {});
      await server.restart();
      strictEqual((await bundle(alice, root))['m.thread'].count, 2);
      await redact(bob, first);
      strictEqual((await bundle(alice, root))['m.thread'].count, 1);
    });

    it('are references, by their ids', async () => {
      const eventId = await send(alice, 'poll');
      const ids = [
        await send(bob, 'yes', relates('m.reference', eventId)),
        await send(alice, 'no', relates('m.reference', eventId)),
      ];
      const chunk = (await bundle(bob, eventId))['m.reference'].chunk.map((e: { event_id: string }) => e.event_id);
      deepStrictEqual(chunk, ids);
    });

    it('come with pages, contexts and syncs as well', async () => {
      const eventId = await send(alice, 'x');
      const newest = await send(alice, '* y', edit(eventId, 'y'));
      const found = async (path: string, events: (body: Record<string, unknown>) => Event[]) => {
        const { body } = await bob.ask('GET', path);
        const it = events(body).find((e) => e.event_id === eventId);
        return it?.unsigned['m.relations']?.['m.replace']?.event_id;
      };
      strictEqual(await found(`/v3/rooms/${roomId}/messages?dir=b`, (b) => b['chunk'] as Event[]), newest);
      strictEqual(await found(`/v3/rooms/${roomId}/context/${eventId}`, (b) => [b['event'] as Event]), newest);
      const inSync = await found('/v3/sync?timeout=0', (b) => {
        const joined = (b['rooms'] as { join: Record<string, { timeline: { events: Event[] } }> }).join;
        return joined[roomId]!.timeline.events;
      });
      strictEqual(inSync, newest);
    });
  });

  describe('by the endpoints', () => {
    const list = async (eventId: string, suffix = '', query = '') => {
      const { status, body } = await alice.ask('GET', `/v1/rooms/${roomId}/relations/${eventId}${suffix}?${query}`);
      strictEqual(status, 200, JSON.stringify(body));
      return body as { chunk: Event[]; next_batch?: string; prev_batch?: string; recursion_depth?: number };
    };
    const bodies = (page: { chunk: Event[] }) => page.chunk.map((e) => e.content.body);

    it('are listed by kind and type, in both directions, page by page', async () => {
      const target = await send(alice, 'target');
      await send(bob, 'a', relates('m.thread', target));
      await send(bob, 'b', relates('m.reference', target));
      await send(bob, 'c', relates('m.thread', target), 'org.example.type');
      deepStrictEqual(bodies(await list(target)), ['c', 'b', 'a']);
      deepStrictEqual(bodies(await list(target, '', 'dir=f')), ['a', 'b', 'c']);
      deepStrictEqual(bodies(await list(target, '/m.thread')), ['c', 'a']);
      deepStrictEqual(bodies(await list(target, '/m.thread/m.room.message')), ['a']);
      const first = await list(target, '', 'limit=2');
      deepStrictEqual([bodies(first), first.prev_batch], [['c', 'b'], undefined]);
      const second = await list(target, '', `limit=2&from=${first.next_batch}`);
      deepStrictEqual([bodies(second), second.next_batch, second.prev_batch], [['a'], undefined, first.next_batch]);
      deepStrictEqual(bodies(await list(target, '', `to=${first.next_batch}`)), ['c', 'b']);
    });

    it('are followed further if that is asked for', async () => {
      const target = await send(alice, 'target');
      const reply = await send(bob, 'reply', relates('m.thread', target));
      const reaction = await send(alice, 'edit', relates('m.replace', reply));
      const deep = await send(alice, 'deep', relates('m.reference', reaction));
      await send(alice, 'too deep', relates('m.reference', deep));
      deepStrictEqual(bodies(await list(target)), ['reply']);
      const all = await list(target, '', 'recurse=true');
      deepStrictEqual([bodies(all), all.recursion_depth], [['deep', 'edit', 'reply'], 3]);
      deepStrictEqual(bodies(await list(target, '/m.replace', 'recurse=true')), ['edit']);
    });

    it('lose what was redacted, and are closed to those who may not see the event', async () => {
      const target = await send(alice, 'target');
      const reply = await send(bob, 'reply', relates('m.thread', target));
      await redact(bob, reply);
      deepStrictEqual(bodies(await list(target)), []);
      const stranger = await server.register('stranger');
      const answer = await stranger.ask('GET', `/v1/rooms/${roomId}/relations/${target}`);
      deepStrictEqual(outcome(answer), [404, 'M_NOT_FOUND']);
      const odd = await alice.ask('GET', `/v1/rooms/${roomId}/relations/${target}?from=x`);
      deepStrictEqual(outcome(odd), [400, 'M_INVALID_PARAM']);
    });
  });

  it('gives the threads of a room, those written to last first', async () => {
    roomId = await room();
    const roots = [await send(alice, 'A'), await send(bob, 'B'), await send(bob, 'C'), await send(bob, 'D')];
    for (const root of roots) await send(bob, `in ${root}`, relates('m.thread', root));
    await send(alice, 'again', relates('m.thread', roots[1]!));
    const gone = await send(bob, 'gone', relates('m.thread', await send(bob, 'E')));
    await redact(bob, gone);
    const page = async (query = '') => (await alice.ask('GET', `/v1/rooms/${roomId}/threads?${query}`)).body;
    const bodies = (answer: { chunk: Event[] }) => answer.chunk.map((e) => e.content.body);
    deepStrictEqual(bodies(await page()), ['B', 'D', 'C', 'A']);
    deepStrictEqual(bodies(await page('include=participated')), ['B', 'A']);
    const first = await page('limit=3');
    const second = await page(`limit=3&from=${first.next_batch}`);
    deepStrictEqual([...bodies(first), ...bodies(second)], ['B', 'D', 'C', 'A']);
    strictEqual(first.chunk[0].unsigned['m.relations']['m.thread'].count, 2);
    strictEqual(second.next_batch, undefined);
  });
});
