import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict';
import type { Room } from '../../../src/services/timeline/room.ts';
import { TestTimeline } from './support/test-timeline.ts';

describe('EventCache', () => {
  let rig: TestTimeline;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start({ eventBytes: 8_000 });
    room = await rig.room();
  });

  afterEach(() => rig.stop());

  it('keeps the events that were used last', async () => {
    const sent = [];
    for (let i = 0; i < 10; i++) sent.push(await rig.say(room.id, `${i}`));
    const kept = sent.map((event) => rig.events.peek(event.nid) !== undefined);
    deepStrictEqual(kept, [...kept].sort());
    deepStrictEqual([kept.at(0), kept.at(-1)], [false, true]);
    const read = (await rig.events.byId(sent[0]!.eventId, room))!;
    notStrictEqual(read, sent[0]);
    strictEqual(read.json, sent[0]!.json);
    strictEqual(read.position, sent[0]!.position);
    strictEqual(await rig.events.byId(sent[0]!.eventId, room), read);
  });

  it('finds events in their own room only, whether they are in memory or not', async () => {
    const other = await rig.room('11');
    const event = await rig.say(room.id, 'here');
    strictEqual(await rig.events.byId(event.eventId, other), undefined);
    rig = await rig.restarted();
    strictEqual(await rig.events.byId(event.eventId, other), undefined);
    strictEqual((await rig.events.byId(event.eventId, room))?.eventId, event.eventId);
    strictEqual(await rig.events.byId('$unknown', room), undefined);
  });

  it('gives many by number, reading only what it does not have', async () => {
    const sent = [];
    for (let i = 0; i < 8; i++) sent.push(await rig.say(room.id, `${i}`));
    const found = await rig.events.byNids([...sent.map((event) => event.nid), 999_999], room);
    deepStrictEqual(
      sent.map((event) => found.get(event.nid)?.eventId),
      sent.map((event) => event.eventId),
    );
    strictEqual(found.get(sent[7]!.nid), sent[7]);
    strictEqual(found.size, 8);
  });
});
