import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import { prevEventIds } from '../../../src/protocol/events/prev-event-ids.ts';
import { ROOM_VERSIONS } from '../../../src/protocol/room-versions/index.ts';
import { transactionKey } from '../../../src/services/idempotency.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { SendOnce } from '../../../src/services/timeline/send-once.ts';
import { stateOfLayers } from '../../../src/services/timeline/state-layers.ts';
import type { StoredEvent } from '../../../src/services/timeline/stored-event.ts';
import { StorageUnavailableError } from '../../../src/storage/contract/write-set.ts';
import { ALICE, BOB, CAROL, portrait, spoil, TestTimeline } from './support/test-timeline.ts';

const refusedWith = (errcode: string) => (error: unknown) => error instanceof MatrixError && error.errcode === errcode;

/** A promise that somebody else ends. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('Timeline', () => {
  let rig: TestTimeline;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    room = await rig.room();
  });

  afterEach(() => rig.stop());

  /** The room as the database has it. */
  async function assertSameWhenLoaded(): Promise<void> {
    const inMemory = portrait((await rig.rooms.get(room.id))!);
    rig = await rig.restarted();
    deepStrictEqual(portrait((await rig.rooms.get(room.id))!), inMemory);
  }

  const stateIds = async (layer: number) => {
    const entries = stateOfLayers(await rig.storage.read((tx) => tx.rooms.layers(layer)));
    const rows = await rig.storage.read((tx) => tx.events.byNids([...entries.values()]));
    return rows.map((row) => row.event_id).sort();
  };

  describe('sending', () => {
    it('makes a signed event that follows the one before', async () => {
      const first = await rig.say(room.id, 'one');
      const second = await rig.say(room.id, 'two', BOB);
      deepStrictEqual(second.pdu.prev_events, [first.eventId]);
      strictEqual(second.pdu.depth, first.pdu.depth + 1);
      ok(second.position > first.position);
      strictEqual(second.pdu.sender, BOB);
      ok(Object.hasOwn(second.pdu.signatures, 'test.example'));
    });

    it('names the events that allow it', async () => {
      const event = await rig.say(room.id, 'x', BOB);
      const ids = [
        room.get('m.room.member', BOB)!.eventId,
        room.get('m.room.power_levels', '')!.eventId,
        ...(room.rules.roomIdIsCreateHash ? [] : [room.get('m.room.create', '')!.eventId]),
      ];
      deepStrictEqual([...event.pdu.auth_events].sort(), ids.sort());
    });

    it('refuses what the rules of the room refuse, and leaves no trace of it', async () => {
      await rig.say(room.id, 'before');
      const before = portrait(room);
      await rejects(rig.say(room.id, 'I am not in here', CAROL), refusedWith('M_FORBIDDEN'));
      await rejects(rig.setState(room.id, 'm.room.name', '', { name: 'x' }, BOB), refusedWith('M_FORBIDDEN'));
      deepStrictEqual(portrait(room), before);
      await assertSameWhenLoaded();
    });

    it('knows no room of another id', async () => {
      await rejects(rig.say('!nowhere', 'x'), refusedWith('M_NOT_FOUND'));
    });

    it('refuses content that has no canonical form, and events that are too large', async () => {
      await rejects(rig.say(room.id, 'x', ALICE, { n: 1.5 }), refusedWith('M_BAD_JSON'));
      await rejects(rig.say(room.id, 'x'.repeat(70_000)), refusedWith('M_TOO_LARGE'));
      await assertSameWhenLoaded();
    });

    it('does not send again state that is there already', async () => {
      const first = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a', nested: { b: 1, a: [2] } });
      const again = await rig.setState(room.id, 'm.room.topic', '', { nested: { a: [2], b: 1 }, topic: 'a' });
      strictEqual(again.eventId, first.eventId);
      const other = await rig.setState(room.id, 'm.room.topic', '', { topic: 'b' });
      notStrictEqual(other.eventId, first.eventId);
      const back = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a', nested: { b: 1, a: [2] } });
      notStrictEqual(back.eventId, first.eventId);
    });

    it('lets nobody repeat state who is not in the room any more', async () => {
      await rig.setState(room.id, 'm.room.power_levels', '', { users_default: 50 });
      await rig.setState(room.id, 'm.room.topic', '', { topic: 'a' }, BOB);
      await rig.setState(room.id, 'm.room.member', BOB, { membership: 'leave' }, BOB);
      await rejects(rig.setState(room.id, 'm.room.topic', '', { topic: 'a' }, BOB), refusedWith('M_FORBIDDEN'));
    });

    it('answers with state that is on its way only when it is durable', async () => {
      const held = gate();
      rig.beforeCommit = () => held.opened;
      const first = rig.setState(room.id, 'm.room.topic', '', { topic: 'a' });
      let isAnswered = false;
      const again = rig.setState(room.id, 'm.room.topic', '', { topic: 'a' }).then((event) => {
        isAnswered = true;
        return event;
      });
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      strictEqual(isAnswered, false);
      held.open();
      strictEqual((await again).eventId, (await first).eventId);
    });

    it('tells what state an event replaces', async () => {
      const first = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a' });
      const second = await rig.setState(room.id, 'm.room.topic', '', { topic: 'b' });
      deepStrictEqual(JSON.parse(`{${second.unsigned}}`), {
        prev_content: { topic: 'a' },
        prev_sender: ALICE,
        replaces_state: first.eventId,
      });
    });

    it('keeps hostile names of state as they are', async () => {
      const names = ['__proto__', 'constructor', 'toString', '', '\u{1F600}', '"\\'];
      for (const name of names) await rig.setState(room.id, 'org.example', name, { name });
      for (const name of names) await rig.setState(room.id, name || 'x', '__proto__', { name });
      for (const name of names) strictEqual(room.get('org.example', name)?.content['name'], name);
      strictEqual(room.get('__proto__', '__proto__')?.content['name'], '__proto__');
      strictEqual(room.get('hasOwnProperty', ''), undefined);
      await assertSameWhenLoaded();
    });
  });

  describe('counting', () => {
    it('counts the notifying events of the main timeline, over restarts', async () => {
      await rig.say(room.id, 'one');
      await rig.say(room.id, 'silent');
      const root = await rig.say(room.id, 'two');
      const inThread = await rig.say(room.id, 'in a thread', BOB, {
        'm.relates_to': { rel_type: 'm.thread', event_id: root.eventId },
      });
      strictEqual(inThread.threadRoot, root.eventId);
      deepStrictEqual([inThread.notify, inThread.notifyMain], [1, 2]);
      await assertSameWhenLoaded();
      strictEqual((await rig.say(room.id, 'three')).notifyMain, 3);
    });
  });

  describe('deciding ahead of the database', () => {
    it('decides on the next event while one is being committed', async () => {
      const held = gate();
      rig.beforeCommit = () => held.opened;
      const sent = ['one', 'two', 'three'].map((body) => rig.say(room.id, body));
      const topic = rig.setState(room.id, 'm.room.topic', '', { topic: 'a' });
      const join = rig.setState(room.id, 'm.room.member', CAROL, { membership: 'join' }, CAROL);
      const said = rig.say(room.id, 'I have just come in', CAROL);
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      strictEqual(room.isJoined(CAROL), false);
      held.open();
      const events = await Promise.all([...sent, topic, join, said]);
      for (const [i, event] of events.entries()) {
        if (i > 0) deepStrictEqual(prevEventIds(event.pdu), [events[i - 1]!.eventId]);
      }
      ok(room.isJoined(CAROL));
      deepStrictEqual(
        room.recent.slice(-6).map((event) => event.eventId),
        events.map((event) => event.eventId),
      );
      await assertSameWhenLoaded();
    });

    it('decides again when the database refuses, and again for what was built on it', async () => {
      let commits = 0;
      rig.beforeCommit = (set) => {
        commits += 1;
        if (commits === 1) spoil(set, room);
        return undefined;
      };
      const [topic, one, join, two] = await Promise.all([
        rig.setState(room.id, 'm.room.topic', '', { topic: 'a' }),
        rig.say(room.id, 'one'),
        rig.setState(room.id, 'm.room.member', CAROL, { membership: 'join' }, CAROL),
        rig.say(room.id, 'two', CAROL),
      ]);
      room = (await rig.rooms.get(room.id))!;
      strictEqual(room.get('m.room.topic', '')?.eventId, topic.eventId);
      ok(room.isJoined(CAROL));
      const ids = room.recent.map((event) => event.eventId);
      for (const event of [topic, one, join, two]) ok(ids.includes(event.eventId));
      strictEqual(new Set(ids).size, ids.length);
      assertChain(room.recent);
      await assertSameWhenLoaded();
    });

    it('loses nothing that was on its way when a later write set is turned away', async () => {
      await rig.stop();
      rig = await TestTimeline.start({ maxPending: 3 });
      room = await rig.room();
      const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => rig.say(room.id, `${i}`)));
      const sent = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const one of results) {
        if (one.status === 'rejected') ok(one.reason instanceof StorageUnavailableError);
      }
      ok(sent.length >= 3 && sent.length < 10, `${sent.length} were sent`);
      const last = await rig.say(room.id, 'afterwards');
      room = (await rig.rooms.get(room.id))!;
      const ids = room.recent.map((event) => event.eventId);
      for (const event of [...sent, last]) ok(ids.includes(event.eventId));
      assertChain(room.recent);
      await assertSameWhenLoaded();
    });

    it('gives up when the database refuses again and again', async () => {
      rig.beforeCommit = (set) => void spoil(set, room);
      await rejects(rig.say(room.id, 'x'), { name: 'ConflictError' });
      rig.beforeCommit = () => undefined;
      await rig.say(room.id, 'y');
      await assertSameWhenLoaded();
    });
  });

  describe('appending several events', () => {
    const append = (drafts: Parameters<TestTimeline['timeline']['append']>[2]) =>
      rig.timeline.change(room.id, (turn, it) => rig.timeline.append(turn, it, drafts));
    const topic = (text: string) => ({ type: 'm.room.topic', sender: ALICE, stateKey: '', content: { topic: text } });

    it('sends all of them at once', async () => {
      const events = await append([topic('a'), { type: 'm.room.message', sender: BOB, content: { body: 'x' } }]);
      strictEqual(events.length, 2);
      deepStrictEqual(events[1]!.pdu.prev_events, [events[0]!.eventId]);
    });

    it('sends none if one of them is refused, and leaves the head as it was', async () => {
      await rig.setState(room.id, 'm.room.topic', '', { topic: 'before' });
      const before = portrait(room);
      const { lastPosition } = room;
      const drafts = [
        topic('x'),
        topic('y'),
        { type: 'org.example.new', sender: ALICE, stateKey: 'k', content: {} },
        { type: 'm.room.message', sender: ALICE, content: { body: 'notifies' } },
        { type: 'm.room.message', sender: CAROL, content: {} },
      ];
      await rejects(append(drafts), refusedWith('M_FORBIDDEN'));
      strictEqual(await rig.rooms.get(room.id), room);
      deepStrictEqual(portrait(room), before);
      strictEqual(room.decidedState.get('m.room.topic', '')?.content['topic'], 'before');
      strictEqual(room.decidedState.get('org.example.new', 'k'), undefined);
      strictEqual(room.lastPosition, lastPosition);
      const next = await rig.say(room.id, 'next');
      deepStrictEqual(next.pdu.prev_events, [before.extremities[0]!.eventId]);
      await rig.setState(room.id, 'org.example.other', '', {});
      await assertSameWhenLoaded();
    });

    it('leaves the head as it was while others are on their way', async () => {
      const held = gate();
      rig.beforeCommit = () => held.opened;
      const first = rig.setState(room.id, 'm.room.topic', '', { topic: 'on its way' });
      const refused = append([topic('x'), { type: 'm.room.message', sender: CAROL, content: {} }]);
      await rejects(refused, refusedWith('M_FORBIDDEN'));
      strictEqual(room.decidedState.get('m.room.topic', '')?.content['topic'], 'on its way');
      const next = rig.say(room.id, 'next');
      held.open();
      deepStrictEqual((await next).pdu.prev_events, [(await first).eventId]);
      strictEqual(room.get('m.room.topic', '')?.content['topic'], 'on its way');
      await assertSameWhenLoaded();
    });
  });

  describe('making rooms', () => {
    for (const version of ROOM_VERSIONS) {
      it(`makes rooms of version ${version}, the same when they are loaded`, async () => {
        if (version !== '12') room = await rig.room(version);
        strictEqual(room.version, version);
        deepStrictEqual([...room.joinedMembers()].sort(), [ALICE, BOB]);
        assertChain(room.recent);
        await assertSameWhenLoaded();
        await rig.say(room.id, 'x', BOB);
        await assertSameWhenLoaded();
      });
    }

    it('makes no room whose events are refused', async () => {
      const { head } = rig.storage;
      await rejects(rig.room('11', [{ type: 'm.room.name', sender: CAROL, stateKey: '', content: {} }]));
      strictEqual(await rig.rooms.get('!chosen:test.example'), undefined);
      strictEqual(rig.storage.head, head);
      room = await rig.room('11');
      await rig.say(room.id, 'x');
      await assertSameWhenLoaded();
    });
  });

  describe('keeping the state of every event', () => {
    it('keeps what the state was after and before each', async () => {
      const expected = new Map<StoredEvent, string[]>();
      const now = () => [...room.stateEvents()].map((event) => event.eventId).sort();
      for (let i = 0; i < 30; i++) {
        const event =
          i % 3 === 0 ? await rig.say(room.id, `${i}`) : await rig.setState(room.id, 'org.example', `${i % 7}`, { i });
        expected.set(event, now());
      }
      let before: string[] | undefined;
      for (const [event, state] of expected) {
        deepStrictEqual(await stateIds(event.stateLayer!), state);
        if (before) deepStrictEqual(await stateIds(event.stateBefore!), before);
        before = state;
      }
    });
  });

  describe('transactions', () => {
    const attempt = (txnId: string) => ({
      ...{ userId: ALICE, deviceId: 'PHONE', operation: 'sendMessage', params: [room.id, 'm.room.message'], txnId },
    });
    const sendOnce = (once: SendOnce, txnId: string) =>
      once.run(attempt(txnId), (transaction) =>
        rig.timeline.send(
          room.id,
          { type: 'm.room.message', sender: ALICE, content: { body: txnId } },
          { transaction },
        ),
      );

    it('has its effect once: concurrently, later, and after a restart', async () => {
      const once = new SendOnce(rig.storage);
      const ids = await Promise.all([1, 2, 3].map(() => sendOnce(once, 'a')));
      strictEqual(new Set(ids).size, 1);
      strictEqual(await sendOnce(once, 'a'), ids[0]);
      rig = await rig.restarted();
      strictEqual(await sendOnce(new SendOnce(rig.storage), 'a'), ids[0]);
      notStrictEqual(await sendOnce(new SendOnce(rig.storage), 'b'), ids[0]);
    });

    it('has its effect once though the first commit was refused', async () => {
      const once = new SendOnce(rig.storage);
      let commits = 0;
      rig.beforeCommit = (set) => {
        commits += 1;
        if (commits === 1) spoil(set, room);
        return undefined;
      };
      const before = room.lastPosition;
      const id = await sendOnce(once, 'a');
      room = (await rig.rooms.get(room.id))!;
      deepStrictEqual(
        room.recent.filter((event) => event.position > before).map((event) => event.eventId),
        [id],
      );
    });

    it('is remembered for state that was there already', async () => {
      const first = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a' });
      const key = transactionKey(attempt('t'));
      const again = await rig.timeline.send(
        room.id,
        { type: 'm.room.topic', sender: ALICE, stateKey: '', content: { topic: 'a' } },
        { transaction: { key, userId: ALICE, deviceId: 'PHONE', txnId: 't' } },
      );
      strictEqual(again.eventId, first.eventId);
      strictEqual((await rig.storage.read((tx) => tx.events.transaction(key)))?.event_nid, first.nid);
    });
  });

  /** Each event follows the one before. */
  function assertChain(events: readonly StoredEvent[]): void {
    for (const [i, event] of events.entries()) {
      if (i > 0) deepStrictEqual(prevEventIds(event.pdu), [events[i - 1]!.eventId]);
    }
  }
});
