import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../support/test-homeserver.ts';

interface Told {
  event_id: string;
  type: string;
  sender: string;
  state_key?: string;
  content: Record<string, unknown>;
  unsigned?: Record<string, unknown>;
}

interface Section {
  timeline: { events: Told[]; limited: boolean; prev_batch: string };
  state: { events: Told[] };
  state_after?: { events: Told[] };
  'org.matrix.msc4222.state_after'?: { events: Told[] };
  summary: Record<string, unknown>;
  ephemeral: { events: Told[] };
  account_data: { events: Told[] };
  unread_notifications: { notification_count: number; highlight_count: number };
}

const members = (events: readonly Told[]) =>
  events.flatMap((e) => (e.type === 'm.room.member' ? [e.state_key] : [])).sort();
const bodies = (events: readonly Told[]) =>
  events.flatMap((e) => (e.type === 'm.room.message' ? [e.content['body']] : []));
const typesOf = (events: readonly Told[]) => events.map((e) => e.type).sort();
const topicIn = (events: readonly Told[]) => events.find((e) => e.type === 'm.room.topic')?.content['topic'];

describe('Rooms in sync', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let carol: TestUser;
  let roomId: string;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    carol = await server.register('carol');
  });
  after(() => server.stop());

  beforeEach(async () => {
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', name: 'A room' })).body.room_id;
    await join(bob);
  });

  const join = (user: TestUser, id = roomId) => user.ask('POST', `/v3/join/${id}`, {});
  const say = async (user: TestUser, body: string, id = roomId): Promise<string> => {
    count += 1;
    const answer = await user.ask('PUT', `/v3/rooms/${id}/send/m.room.message/t${count}`, { msgtype: 'm.text', body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.event_id;
  };
  const setState = (user: TestUser, type: string, content: object, stateKey = '') =>
    user.ask('PUT', `/v3/rooms/${roomId}/state/${type}/${encodeURIComponent(stateKey)}`, content);
  const sync = async (user: TestUser, query: Record<string, string | object> = {}) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ timeout: '0', ...query })) {
      search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
    const { status, body } = await user.ask('GET', `/v3/sync?${search}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const joined = (body: { rooms?: { join?: Record<string, Section> } }, id = roomId) => body.rooms?.join?.[id];
  const timelineLimit = (limit: number) => ({ room: { timeline: { limit } } });

  describe('the timeline', () => {
    it('has what is new, once, in order', async () => {
      let { next_batch: since } = await sync(bob);
      const seen: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        await say(alice, `${i}a`);
        await say(bob, `${i}b`);
        const body = await sync(bob, { since });
        since = body.next_batch;
        const room = joined(body)!;
        assert.equal(room.timeline.limited, false);
        seen.push(...bodies(room.timeline.events));
      }
      assert.deepEqual(seen, ['0a', '0b', '1a', '1b', '2a', '2b', '3a', '3b', '4a', '4b']);
      assert.equal((await sync(bob, { since })).rooms, undefined);
    });

    it('can be paged from its gap back to the last sync, every event once', async () => {
      const { next_batch: since } = await sync(bob);
      const sent: string[] = [];
      for (let i = 0; i < 47; i++) {
        sent.push(await say(i % 2 === 0 ? alice : bob, `${i}`));
        if (i % 10 === 5) await setState(alice, 'm.room.topic', { topic: `${i}` });
      }
      const body = await sync(bob, { since, filter: timelineLimit(7) });
      const room = joined(body)!;
      assert.equal(room.timeline.limited, true);
      assert.equal(room.timeline.events.length, 7);
      const found = room.timeline.events.map((e) => e.event_id).reverse();
      let from: string | undefined = room.timeline.prev_batch;
      while (from !== undefined) {
        const page: { chunk: Told[]; end?: string } = (
          await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=9&from=${from}&to=${since}`)
        ).body;
        found.push(...page.chunk.map((e) => e.event_id));
        from = page.end;
      }
      assert.equal(new Set(found).size, found.length);
      const messages = found.reverse().filter((id) => sent.includes(id));
      assert.deepEqual(messages, sent);
      assert.equal(found.length, 47 + 5);
      // What came before is not in the gap.
      const forward = (
        await bob.ask('GET', `/v3/rooms/${roomId}/messages?dir=f&limit=100&from=${since}&to=${body.next_batch}`)
      ).body;
      assert.deepEqual(
        forward.chunk.map((e: Told) => e.event_id),
        found,
      );
    });

    it('goes back beyond what is in memory', async () => {
      const { next_batch: since } = await sync(bob);
      for (let i = 0; i < 150; i++) await say(alice, `${i}`);
      const filter = { room: { timeline: { limit: 100 } } };
      const first = joined(await sync(bob, { since, filter }))!;
      assert.deepEqual(
        bodies(first.timeline.events),
        Array.from({ length: 100 }, (_, i) => `${i + 50}`),
      );
      await server.restart();
      const again = joined(await sync(bob, { since, filter }))!;
      assert.deepEqual(
        again.timeline.events.map((e) => e.event_id),
        first.timeline.events.map((e) => e.event_id),
      );
      assert.equal(again.timeline.limited, true);
    });

    it('shows a transaction id to the device that sent the event, over a restart', async () => {
      const { next_batch: since } = await sync(bob);
      await bob.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/my-txn`, { msgtype: 'm.text', body: 'x' });
      const txn = async (user: TestUser) =>
        joined(await sync(user, { since }))!.timeline.events.find((e) => e.content['body'] === 'x')!.unsigned?.[
          'transaction_id'
        ];
      assert.equal(await txn(bob), 'my-txn');
      assert.equal(await txn(alice), undefined);
      assert.equal(await txn(await server.login('bob')), undefined);
      await server.restart();
      assert.equal(await txn(bob), 'my-txn');
      assert.equal(await txn(alice), undefined);
    });
  });

  describe('the state', () => {
    it('is whole at first: that at the start of the timeline', async () => {
      await setState(alice, 'm.room.topic', { topic: 'old' });
      for (let i = 0; i < 5; i++) await say(alice, `${i}`);
      await setState(alice, 'm.room.topic', { topic: 'new' });
      await say(alice, 'last');
      const room = joined(await sync(bob, { filter: timelineLimit(3) }))!;
      assert.equal(topicIn(room.state.events), 'old');
      assert.equal(topicIn(room.timeline.events), 'new');
      assert.deepEqual(members(room.state.events), [alice.userId, bob.userId]);
      assert.ok(typesOf(room.state.events).includes('m.room.create'));
    });

    it('tells what changed in a gap, and not what the timeline tells', async () => {
      const { next_batch: since } = await sync(bob);
      await setState(alice, 'm.room.topic', { topic: 'one' });
      await setState(alice, 'm.room.topic', { topic: 'two' });
      await join(carol);
      for (let i = 0; i < 4; i++) await say(alice, `${i}`);
      await setState(alice, 'm.room.topic', { topic: 'three' });
      const room = joined(await sync(bob, { since, filter: timelineLimit(3) }))!;
      assert.equal(topicIn(room.state.events), 'two');
      assert.deepEqual(typesOf(room.state.events), ['m.room.member', 'm.room.topic']);
      assert.equal(topicIn(room.timeline.events), 'three');
      assert.deepEqual(typesOf(joined(await sync(bob, { since }))!.state.events), []);
    });

    for (const [param, name] of [
      ['use_state_after', 'state_after'],
      ['org.matrix.msc4222.use_state_after', 'org.matrix.msc4222.state_after'],
    ] as const) {
      it(`is that after the timeline, as ${name}, if ${param} asks for it`, async () => {
        const { next_batch: since } = await sync(bob, { [param]: 'true' });
        await setState(alice, 'm.room.topic', { topic: 'one' });
        for (let i = 0; i < 4; i++) await say(alice, `${i}`);
        await setState(alice, 'm.room.topic', { topic: 'two' });
        const news = joined(await sync(bob, { since, [param]: 'true', filter: timelineLimit(2) }))!;
        assert.equal(news.state, undefined);
        assert.deepEqual(typesOf(news[name]!.events), ['m.room.topic']);
        assert.equal(topicIn(news[name]!.events), 'two');
        const first = joined(await sync(bob, { [param]: 'true', filter: timelineLimit(2) }))!;
        assert.equal(topicIn(first[name]!.events), 'two');
        assert.deepEqual(members(first[name]!.events), [alice.userId, bob.userId]);
      });
    }

    it('is whole again with full_state, of quiet rooms too', async () => {
      const { next_batch: since } = await sync(bob);
      const room = joined(await sync(bob, { since, full_state: 'true' }))!;
      assert.deepEqual(room.timeline.events, []);
      assert.deepEqual(members(room.state.events), [alice.userId, bob.userId]);
      assert.ok(typesOf(room.state.events).includes('m.room.power_levels'));
    });
  });

  describe('lazy loading', () => {
    const lazy = { room: { state: { lazy_load_members: true }, timeline: { limit: 2 } } };
    const redundant = {
      room: { state: { lazy_load_members: true, include_redundant_members: true }, timeline: { limit: 2 } },
    };

    beforeEach(async () => {
      await join(carol);
      await setState(alice, 'm.room.topic', { topic: 'x' });
      await say(alice, 'x');
    });

    it('brings the members of the timeline, and oneself', async () => {
      const room = joined(await sync(bob, { filter: lazy }))!;
      assert.deepEqual(members(room.state.events), [alice.userId, bob.userId]);
    });

    it('brings those whose membership changes in the timeline, where state_after is all that counts', async () => {
      const first = await sync(bob, { filter: lazy, use_state_after: 'true' });
      const ban = { user_id: carol.userId };
      assert.equal((await alice.ask('POST', `/v3/rooms/${roomId}/ban`, ban)).status, 200);
      const { next_batch: since } = first;
      const news = joined(await sync(bob, { filter: lazy, since, use_state_after: 'true' }))!;
      const banned = news.state_after!.events.find((event) => event.state_key === carol.userId);
      assert.equal(banned?.content['membership'], 'ban');
      const whole = joined(await sync(bob, { filter: lazy, use_state_after: 'true' }))!;
      assert.deepEqual(members(whole.state_after!.events), [alice.userId, bob.userId, carol.userId]);
    });

    it('brings a member once to each device, when they speak', async () => {
      const first = await sync(bob, { filter: lazy });
      await say(carol, 'hi');
      const second = await sync(bob, { filter: lazy, since: first.next_batch });
      assert.deepEqual(members(joined(second)!.state.events), [carol.userId]);
      await say(carol, 'again');
      await say(alice, 'again');
      const third = await sync(bob, { filter: lazy, since: second.next_batch });
      assert.deepEqual(members(joined(third)!.state.events), []);
    });

    it('brings it again if the answer may not have arrived', async () => {
      const first = await sync(bob, { filter: lazy });
      await say(carol, 'hi');
      await sync(bob, { filter: lazy, since: first.next_batch });
      const retried = await sync(bob, { filter: lazy, since: first.next_batch });
      assert.deepEqual(members(joined(retried)!.state.events), [carol.userId]);
    });

    it('brings it again to a device that starts anew, and to another', async () => {
      const first = await sync(bob, { filter: lazy });
      await say(carol, 'hi');
      const second = await sync(bob, { filter: lazy, since: first.next_batch });
      await sync(bob, { filter: lazy, since: second.next_batch });
      for (let i = 0; i < 3; i++) await say(alice, `${i}`);
      const anew = await sync(bob, { filter: lazy });
      assert.deepEqual(members(joined(anew)!.state.events), [alice.userId, bob.userId]);
      await say(carol, 'again');
      const next = await sync(bob, { filter: lazy, since: anew.next_batch });
      assert.deepEqual(members(joined(next)!.state.events), [carol.userId]);
      const other = await server.login('bob');
      const otherFirst = await sync(other, { filter: lazy });
      assert.deepEqual(members(joined(otherFirst)!.state.events), [alice.userId, bob.userId, carol.userId]);
    });

    it('brings it each time with include_redundant_members', async () => {
      let { next_batch: since } = await sync(bob, { filter: redundant });
      for (let i = 0; i < 3; i++) {
        await say(carol, `${i}`);
        const body = await sync(bob, { filter: redundant, since });
        assert.deepEqual(members(joined(body)!.state.events), [carol.userId]);
        since = body.next_batch;
      }
    });

    it('brings members after a change of name', async () => {
      const first = await sync(bob, { filter: lazy });
      await say(carol, 'hi');
      const second = await sync(bob, { filter: lazy, since: first.next_batch });
      await setState(carol, 'm.room.member', { membership: 'join', displayname: 'Caroline' }, carol.userId);
      for (let i = 0; i < 3; i++) await say(carol, `${i}`);
      const third = await sync(bob, { filter: lazy, since: second.next_batch });
      const told = joined(third)!.state.events.filter((e) => e.type === 'm.room.member');
      assert.deepEqual(
        told.map((e) => e.content['displayname']),
        ['Caroline'],
      );
    });
  });

  describe('rooms that one enters', () => {
    it('come whole, however long one has been about', async () => {
      await say(alice, 'before');
      const { next_batch: since } = await sync(carol);
      await join(carol);
      await say(alice, 'after');
      const room = joined(await sync(carol, { since, filter: timelineLimit(3) }))!;
      assert.equal(room.timeline.limited, true);
      assert.deepEqual(bodies(room.timeline.events), ['before', 'after']);
      assert.deepEqual(members(room.state.events), [alice.userId, bob.userId]);
      assert.equal(room.summary['m.joined_member_count'], 3);
      assert.ok(typesOf(room.state.events).includes('m.room.create'));
    });

    it('come as an invite first, with its stripped state', async () => {
      const { next_batch: since } = await sync(carol);
      await alice.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: carol.userId });
      const body = await sync(carol, { since });
      assert.equal(joined(body), undefined);
      const events: Told[] = body.rooms.invite[roomId].invite_state.events;
      assert.ok(events.every((e) => e.event_id === undefined && e.state_key !== undefined));
      for (const type of ['m.room.create', 'm.room.join_rules', 'm.room.name'])
        assert.ok(typesOf(events).includes(type));
      assert.deepEqual(members(events), [alice.userId, carol.userId]);
      assert.equal((await sync(carol, { since: body.next_batch })).rooms, undefined);
      assert.ok((await sync(carol)).rooms.invite[roomId]);
      await join(carol);
      const entered = await sync(carol, { since: body.next_batch });
      assert.equal(entered.rooms.invite, undefined);
      assert.ok(joined(entered));
    });
  });

  describe('waiting', () => {
    it('ends with the first event', async () => {
      const { next_batch: since } = await sync(bob);
      const waiting = sync(bob, { since, timeout: '30000' });
      await say(alice, 'news');
      assert.deepEqual(bodies(joined(await waiting)!.timeline.events), ['news']);
    });

    it('ends with the time, and goes on from there', async () => {
      const { next_batch: since } = await sync(bob);
      const timers = server.clock.pending;
      const waiting = sync(bob, { since, timeout: '30000' });
      while (server.clock.pending === timers) await new Promise((resolve) => setImmediate(resolve));
      server.clock.advance(29_999);
      let isOver = false;
      void waiting.then(() => {
        isOver = true;
      });
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isOver, false);
      server.clock.advance(1);
      const body = await waiting;
      assert.equal(body.rooms, undefined);
      await say(alice, 'later');
      assert.deepEqual(bodies(joined(await sync(bob, { since: body.next_batch }))!.timeline.events), ['later']);
    });

    it('is not ended by rooms that one is not in', async () => {
      const { next_batch: since } = await sync(carol);
      const timers = server.clock.pending;
      const waiting = sync(carol, { since, timeout: '10000' });
      while (server.clock.pending === timers) await new Promise((resolve) => setImmediate(resolve));
      await say(alice, 'not for carol');
      server.clock.advance(10_000);
      assert.equal((await waiting).rooms, undefined);
    });

    it('works with a token from before a restart', async () => {
      const { next_batch: since } = await sync(bob);
      await say(alice, 'before');
      await server.restart();
      await say(alice, 'after');
      const body = await sync(bob, { since });
      assert.deepEqual(bodies(joined(body)!.timeline.events), ['before', 'after']);
      assert.equal((await sync(bob, { since: body.next_batch })).rooms, undefined);
    });
  });

  describe('what is unread', () => {
    it('is counted until it is read, and one’s own is not', async () => {
      const unread = async () => {
        const room = joined(await sync(bob))!;
        return [room.unread_notifications.notification_count, room.unread_notifications.highlight_count];
      };
      const read = await say(alice, 'one');
      await bob.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${read}`, {});
      assert.deepEqual(await unread(), [0, 0]);
      await say(alice, 'two');
      await say(alice, 'three');
      assert.deepEqual(await unread(), [2, 0]);
      await server.restart();
      assert.deepEqual(await unread(), [2, 0]);
      const last = await say(bob, 'my own');
      await bob.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${last}`, {});
      assert.deepEqual(await unread(), [0, 0]);
    });
  });

  describe('filters', () => {
    it('leave out rooms and types', async () => {
      const other = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
      await join(bob, other);
      await say(alice, 'x');
      await setState(alice, 'm.room.topic', { topic: 'x' });
      const only = await sync(bob, { filter: { room: { rooms: [other] } } });
      assert.deepEqual(Object.keys(only.rooms.join), [other]);
      const without = await sync(bob, { filter: { room: { not_rooms: [other] } } });
      assert.equal(without.rooms.join[other], undefined);
      const messages = { room: { timeline: { types: ['m.room.message'] }, state: { types: [] } } };
      const room = joined(await sync(bob, { filter: messages }))!;
      assert.deepEqual(typesOf(room.timeline.events), ['m.room.message']);
      assert.deepEqual(room.state.events, []);
    });
  });

  it('says of a room that one comes into that its timeline reaches back behind the last sync', async () => {
    const { next_batch: since } = (await carol.ask('GET', '/v3/sync')).body;
    await say(alice, 'before');
    await join(carol);
    const { body } = await carol.ask('GET', `/v3/sync?since=${since}`);
    const { timeline }: Section = body.rooms.join[roomId];
    assert.deepEqual([bodies(timeline.events), timeline.limited], [['before'], true]);
    const next = (await carol.ask('GET', `/v3/sync?since=${body.next_batch}&timeout=0`)).body;
    assert.equal(next.rooms?.join?.[roomId], undefined);
  });

  it('refuses a token that is none', async () => {
    const { status, body } = await bob.ask('GET', '/v3/sync?since=nonsense');
    assert.equal(status, 400);
    assert.equal(body.errcode, 'M_INVALID_PARAM');
  });
});
