import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { ALICE, BOB, CAROL, portrait, TestTimeline } from './support/test-timeline.ts';

describe('RoomCache', () => {
  let rig: TestTimeline;

  afterEach(() => rig.stop());

  it('gives back the same room after it has gone from memory', async () => {
    rig = await TestTimeline.start();
    const room = await rig.room();
    for (let i = 0; i < 60; i++) {
      await rig.say(room.id, i % 4 === 0 ? 'silent' : `${i}`, i % 2 === 0 ? ALICE : BOB);
      if (i % 5 === 0) await rig.setState(room.id, 'org.example', `${i % 15}`, { i });
    }
    await rig.setState(room.id, 'm.room.member', CAROL, { membership: 'invite' });
    await rig.setState(room.id, 'm.room.member', BOB, { membership: 'leave' }, BOB);
    const before = portrait(room);
    rig.rooms.evict(room);
    const again = (await rig.rooms.get(room.id))!;
    notStrictEqual(again, room);
    deepStrictEqual(portrait(again), before);
    await rig.say(again.id, 'goes on');
    await rig.setState(again.id, 'org.example', '0', { i: 'new' });
    const later = portrait(again);
    rig.rooms.evict(again);
    deepStrictEqual(portrait((await rig.rooms.get(room.id))!), later);
  });

  it('loads a room with much state as it was', async () => {
    rig = await TestTimeline.start();
    const state = (i: number) => ({ type: 'org.example', stateKey: `${i}`, sender: ALICE, content: { i } });
    const room = await rig.room(
      '12',
      Array.from({ length: 1_100 }, (_, i) => state(i)),
    );
    const before = portrait(room);
    rig = await rig.restarted();
    deepStrictEqual(portrait((await rig.rooms.get(room.id))!), before);
  });

  it('loads a room once for all who ask', async () => {
    rig = await TestTimeline.start();
    const { id } = await rig.room();
    rig = await rig.restarted();
    const [a, b] = await Promise.all([rig.rooms.get(id), rig.rooms.get(id)]);
    strictEqual(a, b);
    strictEqual(rig.rooms.peek(id), a);
  });

  it('lets go of the rooms that were used least recently, but of none with a write set on its way', async () => {
    rig = await TestTimeline.start({ roomBytes: 60_000 });
    const first = await rig.room('12');
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    rig.beforeCommit = () => held;
    const sending = rig.say(first.id, 'on its way');
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    rig.beforeCommit = () => undefined;
    const others = [];
    for (let i = 0; i < 8; i++) {
      rig.clock.advance(1);
      others.push(await rig.room('12'));
    }
    ok(others.filter((room) => rig.rooms.peek(room.id) === undefined).length >= 3);
    strictEqual(rig.rooms.peek(first.id), first);
    open();
    const event = await sending;
    strictEqual(first.lastPosition, event.position);
    for (const room of others) ok((await rig.rooms.get(room.id))!.isJoined(BOB));
    const loaded = (await rig.rooms.get(first.id))!;
    strictEqual(loaded.recent.at(-1)?.eventId, event.eventId);
  });

  it('keeps a room that is larger than its memory', async () => {
    rig = await TestTimeline.start({ roomBytes: 1_000 });
    const room = await rig.room();
    await rig.say(room.id, 'x'.repeat(2_000));
    strictEqual(rig.rooms.peek(room.id), room);
    strictEqual(await rig.rooms.get(room.id), room);
  });

  it('counts what a room weighs without ever losing count', async () => {
    rig = await TestTimeline.start({ recentEvents: 8 });
    const room = await rig.room();
    const initial = room.weight;
    for (let i = 0; i < 100; i++) {
      const event = await rig.say(room.id, 'y'.repeat(500));
      ok(event.clientMembers.length > 500);
    }
    ok(room.weight > initial && room.weight < initial + 8 * 6_000, `${room.weight}`);
    strictEqual(rig.rooms.peek(room.id), room);
  });

  it('keeps the newest events without a gap behind them', async () => {
    rig = await TestTimeline.start({ recentEvents: 8 });
    const room = await rig.room();
    for (let i = 0; i < 30; i++) {
      await rig.say(room.id, `${i}`);
      const rows = await rig.storage.read((tx) =>
        tx.events.timelineBackwards(room.nid, room.recentAfter, room.lastPosition, 100),
      );
      deepStrictEqual(
        room.recent.map((event) => event.eventId),
        rows.reverse().map((row) => row.event_id),
      );
      ok(room.recent.length <= 8);
    }
    rig.rooms.evict(room);
    const loaded = (await rig.rooms.get(room.id))!;
    const rows = await rig.storage.read((tx) =>
      tx.events.timelineBackwards(room.nid, loaded.recentAfter, loaded.lastPosition, 100),
    );
    deepStrictEqual(
      loaded.recent.map((event) => event.eventId),
      rows.reverse().map((row) => row.event_id),
    );
  });
});
