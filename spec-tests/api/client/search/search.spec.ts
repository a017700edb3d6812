import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('POST /search', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());
  beforeEach(async () => {
    roomId = await room();
  });

  const room = async (body: object = {}): Promise<string> => {
    const made = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
    await bob.ask('POST', `/v3/join/${made}`);
    return made;
  };
  const send = async (body: string, options: { user?: TestUser; to?: string; more?: object } = {}) => {
    const { user = alice, to = roomId, more = {} } = options;
    server.clock.advance(1);
    const path = `/v3/rooms/${to}/send/m.room.message/t${++txn}`;
    return (await user.ask('PUT', path, { msgtype: 'm.text', body, ...more })).body.event_id as string;
  };
  const edit = (eventId: string, body: string) =>
    send(`* ${body}`, {
      more: { 'm.new_content': { body }, 'm.relates_to': { rel_type: 'm.replace', event_id: eventId } },
    });
  const redact = (eventId: string) => alice.ask('PUT', `/v3/rooms/${roomId}/redact/${eventId}/r${++txn}`, {});
  const search = async (term: string, options: object = {}, user: TestUser = alice, next?: string) => {
    const suffix = next === undefined ? '' : `?next_batch=${encodeURIComponent(next)}`;
    const body = { search_categories: { room_events: { search_term: term, filter: { rooms: [roomId] }, ...options } } };
    const answer = await user.ask('POST', `/v3/search${suffix}`, body);
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.search_categories.room_events;
  };
  const ids = (found: { results: { result: { event_id: string } }[] }) => found.results.map((r) => r.result.event_id);
  const found = async (term: string, options: object = {}, user: TestUser = alice) =>
    ids(await search(term, { order_by: 'recent', ...options }, user));

  it('finds messages, names and topics by their words, and the newest first if asked', async () => {
    const first = await send('The quick brown fox');
    const second = await send('jumps over the lazy FOX');
    await send('something else');
    const state = (type: string, content: object) => alice.ask('PUT', `/v3/rooms/${roomId}/state/${type}`, content);
    const name = (await state('m.room.name', { name: 'Fox hunt' })).body.event_id;
    const topic = (await state('m.room.topic', { topic: 'All about the fox' })).body.event_id;
    deepStrictEqual(await found('fox'), [topic, name, second, first]);
    deepStrictEqual(await found('fox', { keys: ['content.body'] }), [second, first]);
    deepStrictEqual(await found('fox', { keys: ['content.name', 'content.topic'] }), [topic, name]);
    deepStrictEqual(await found('lazy fox'), [second]);
    deepStrictEqual(await found('"brown fox"'), [first]);
    deepStrictEqual(await found('"fox brown"'), []);
    deepStrictEqual(await found('no such word'), []);
    deepStrictEqual(await found('!'), []);
  });

  it('puts what fits best first', async () => {
    await send(`a fox among ${'very many other words '.repeat(20)}`);
    const best = await send('fox fox');
    const answer = await search('fox');
    strictEqual(ids(answer)[0], best);
    deepStrictEqual([answer.count, answer.results.length], [2, 2]);
    ok(answer.results[0].rank > answer.results[1].rank);
  });

  const languages: [text: string, term: string][] = [
    ['Le garçon a mangé la pâte', 'garcon pate'],
    ['Обсуждали новую ёлку', 'елку обсужд'],
    ['明日東京都庁で会いましょう', '東京都'],
    ['明日東京都庁で会いましょう', '庁'],
    ['오늘 서울시청에서 만나요', '시청'],
    ['สวัสดีชาวโลก', 'ชาวโลก'],
    ['مرحبا بالعالم', 'مَرحبا'],
    ['हिन्दी में लिखा', 'हिन्दी'],
    ['In der Straße nach Łódź', 'strasse lodz'],
    ['𠮷野家で昼ご飯', '𠮷野家'],
    ['جلسه در سال ۱۴۰۴', '1404 جلسه'],
  ];
  for (const [text, term] of languages) {
    it(`finds ${term} in ${text}`, async () => {
      const eventId = await send(text);
      await send('noise');
      deepStrictEqual(await found(term), [eventId]);
    });
  }

  it('finds a message by what its newest edit says, and no edits', async () => {
    const eventId = await send('an apple');
    const newest = await edit(eventId, 'a banana');
    deepStrictEqual([await found('apple'), await found('banana')], [[], [eventId]]);
    await redact(newest);
    deepStrictEqual([await found('apple'), await found('banana')], [[eventId], []]);
    await redact(eventId);
    deepStrictEqual(await found('apple'), []);
  });

  it('takes no edits from others', async () => {
    const eventId = await send('an apple');
    const content = { rel_type: 'm.replace', event_id: eventId };
    await send('* pear', { user: bob, more: { 'm.new_content': { body: 'pear' }, 'm.relates_to': content } });
    deepStrictEqual([await found('apple'), await found('pear')], [[eventId], []]);
  });

  it('shows nobody what they may not see', async () => {
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.history_visibility`, { history_visibility: 'joined' });
    const before = await send('secret before');
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
    const between = await send('secret between');
    await bob.ask('POST', `/v3/join/${roomId}`);
    const afterwards = await send('secret afterwards');
    deepStrictEqual(await found('secret'), [afterwards, between, before]);
    deepStrictEqual(await found('secret', {}, bob), [afterwards, before]);
    const carol = await server.register('carol');
    deepStrictEqual(await found('secret', {}, carol), []);
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`);
    await send('secret at last');
    deepStrictEqual(await found('secret', {}, bob), [afterwards, before]);
    await bob.ask('POST', `/v3/rooms/${roomId}/forget`);
    deepStrictEqual(await found('secret', {}, bob), []);
  });

  it('indexes nothing of encrypted rooms', async () => {
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.encryption`, { algorithm: 'm.megolm.v1.aes-sha2' });
    await send('in the clear');
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.topic`, { topic: 'in the clear' });
    deepStrictEqual(await found('clear'), []);
  });

  it('goes through all rooms, but those that the filter leaves out', async () => {
    const other = await room();
    const here = await send('everywhere zebra');
    const there = await send('elsewhere zebra', { to: other, user: bob });
    deepStrictEqual(await found('zebra', { filter: {} }), [there, here]);
    deepStrictEqual(await found('zebra', { filter: { not_rooms: [other] } }), [here]);
    deepStrictEqual(await found('zebra', { filter: { senders: [bob.userId] } }), [there]);
    deepStrictEqual(await found('zebra', { filter: { not_senders: [bob.userId] } }), [here]);
    deepStrictEqual(await found('zebra', { filter: { types: ['m.room.topic'] } }), []);
    deepStrictEqual(await found('zebra', { filter: { contains_url: true } }), []);
    deepStrictEqual(await found('zebra', { filter: { limit: 0 } }), []);
  });

  for (const order_by of ['recent', 'rank']) {
    it(`goes through results page by page, by ${order_by}`, async () => {
      const all: string[] = [];
      for (let i = 0; i < 7; i++) all.push(await send(`page ${'x '.repeat(i)}`));
      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page: Awaited<ReturnType<typeof search>> = await search(
          'page',
          { order_by, filter: { rooms: [roomId], limit: 3 } },
          alice,
          next,
        );
        strictEqual(page.count, 7);
        seen.push(...ids(page));
        next = page.next_batch;
      } while (next !== undefined && seen.length < 20);
      deepStrictEqual([seen.length, new Set(seen)], [7, new Set(all)]);
      const most = { order_by, filter: { rooms: [roomId], limit: 7 } };
      const { next_batch: end } = await search('page', most);
      const rest = await search('page', most, alice, end);
      deepStrictEqual([rest.count, rest.results], [7, []]);
      if (order_by === 'recent') deepStrictEqual(seen, all.toReversed());
    });
  }

  it('refuses foreign tokens', async () => {
    for (const token of ['x', 'bnVsbA', Buffer.from('{"s":"a"}').toString('base64url')]) {
      const body = { search_categories: { room_events: { search_term: 'x' } } };
      const answer = await alice.ask('POST', `/v3/search?next_batch=${token}`, body);
      deepStrictEqual([answer.status, answer.body.errcode], [400, 'M_INVALID_PARAM']);
    }
    const empty = await alice.ask('POST', '/v3/search', { search_categories: {} });
    deepStrictEqual([empty.status, empty.body.errcode], [400, 'M_MISSING_PARAM']);
  });

  it('groups by room and by sender, and goes on within a group', async () => {
    const other = await room();
    const mine = [await send('grouped 1'), await send('grouped 2'), await send('grouped 3')];
    const theirs = await send('grouped 4', { user: bob, to: other });
    const options = { order_by: 'recent', groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] } };
    const { groups } = await search('grouped', { ...options, filter: { rooms: [roomId, other], limit: 2 } });
    deepStrictEqual(groups.room_id[other].results, [theirs]);
    deepStrictEqual([groups.room_id[other].order, groups.room_id[roomId].order], [1, 2]);
    deepStrictEqual([groups.sender[bob.userId].results, groups.sender[alice.userId].results], [[theirs], [mine[2]]]);
    const rest = await search('grouped', { ...options, filter: {} }, alice, groups.room_id[roomId].next_batch);
    deepStrictEqual(ids(rest), [mine[1], mine[0]]);
    const none = await search('grouped', { ...options, filter: {} }, alice, groups.sender[bob.userId].next_batch);
    deepStrictEqual(ids(none), []);
  });

  it('shows what was said around a result, by whom, and the state of the room', async () => {
    const events: string[] = [];
    for (const body of ['one', 'two', 'needle', 'four', 'five']) events.push(await send(body));
    const context = { before_limit: 1, after_limit: 2, include_profile: true };
    const answer = await search('needle', { event_context: context, include_state: true });
    const [{ context: around }] = answer.results;
    const idsOf = (list: { event_id: string }[]) => list.map((event) => event.event_id);
    deepStrictEqual([idsOf(around.events_before), idsOf(around.events_after)], [[events[1]], events.slice(3)]);
    deepStrictEqual(around.profile_info[alice.userId], { displayname: 'alice' });
    const older = await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=1&from=${around.start}`);
    strictEqual(older.body.chunk[0].event_id, events[0]);
    ok(answer.state[roomId].some((event: { type: string }) => event.type === 'm.room.create'));
    deepStrictEqual(answer.highlights, ['needle']);
  });

  it('says which words to highlight', async () => {
    await send('Tested: testing the Café');
    deepStrictEqual((await search('test cafe')).highlights.toSorted(), ['cafe', 'café', 'test', 'tested', 'testing']);
  });

  it('finds what was said before a restart, and what the index had not seen yet', async () => {
    const first = await send('durable one');
    deepStrictEqual(await found('durable'), [first]);
    const second = await send('durable two');
    await server.restart();
    deepStrictEqual(await found('durable'), [second, first]);
  });

  it('hides messages of people whom the user ignores', async () => {
    await send('ignorable', { user: bob });
    const path = `/v3/user/${alice.userId}/account_data/m.ignored_user_list`;
    await alice.ask('PUT', path, { ignored_users: { [bob.userId]: {} } });
    deepStrictEqual(await found('ignorable'), []);
    await alice.ask('PUT', path, { ignored_users: {} });
  });

  it('can be switched off', async () => {
    const off = await startTestHomeserver({ search: { enabled: false } });
    try {
      const carol = await off.register('carol');
      const body = { search_categories: { room_events: { search_term: 'x' } } };
      const answer = await carol.ask('POST', '/v3/search', body);
      deepStrictEqual([answer.status, answer.body.errcode], [400, 'M_UNKNOWN']);
    } finally {
      await off.stop();
    }
  });
});
