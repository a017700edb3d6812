import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { ALICE, BOB, portrait, TestTimeline } from './support/test-timeline.ts';

const refusedWith = (errcode: string) => (error: unknown) => error instanceof MatrixError && error.errcode === errcode;

for (const version of ['10', '12']) {
  describe(`Redacting in a room of version ${version}`, () => {
    let rig: TestTimeline;
    let room: Room;

    beforeEach(async () => {
      rig = await TestTimeline.start();
      room = await rig.room(version);
    });

    afterEach(() => rig.stop());

    const redact = (eventId: string, sender: string, reason = 'because') =>
      rig.timeline.send(room.id, {
        type: 'm.room.redaction',
        sender,
        content: version === '10' ? { reason } : { reason, redacts: eventId },
        ...(version === '10' ? { redacts: eventId } : {}),
      });

    it('prunes the event wherever it is kept', async () => {
      const said = await rig.say(room.id, 'a secret', BOB);
      const redaction = await redact(said.eventId, BOB);
      const pruned = (await rig.events.byId(said.eventId, room))!;
      deepStrictEqual(pruned.content, {});
      strictEqual(pruned.redactedBy, redaction.eventId);
      strictEqual(pruned.position, said.position);
      ok(!room.recent.some((event) => event.json.includes('a secret') || event.unsigned.includes('a secret')));
      const because = (JSON.parse(`{${pruned.unsigned}}`) as { redacted_because: Record<string, unknown> })
        .redacted_because;
      strictEqual(because['event_id'], redaction.eventId);
      strictEqual(because['redacts'], said.eventId);
      strictEqual(because['sender'], BOB);
      rig = await rig.restarted();
      const row = await rig.storage.read((tx) => tx.events.byId(said.eventId));
      ok(!row!.json.includes('a secret'));
      strictEqual(row!.redacted_by, redaction.eventId);
    });

    it('prunes state, and keeps it as the state', async () => {
      const topic = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a secret' });
      await redact(topic.eventId, ALICE);
      strictEqual(room.get('m.room.topic', '')?.eventId, topic.eventId);
      deepStrictEqual(room.get('m.room.topic', '')?.content, {});
      const before = portrait(room);
      rig = await rig.restarted();
      deepStrictEqual(portrait((await rig.rooms.get(room.id))!), before);
    });

    it('leaves its content in no other event', async () => {
      const topic = await rig.setState(room.id, 'm.room.topic', '', { topic: 'a secret' });
      const next = await rig.setState(room.id, 'm.room.topic', '', { topic: 'harmless' });
      ok(next.unsigned.includes('a secret'));
      await redact(topic.eventId, ALICE);
      const shown = (await rig.events.byId(next.eventId, room))!;
      ok(!shown.unsigned.includes('a secret'), shown.unsigned);
      ok(shown.unsigned.includes(topic.eventId));
      ok(!room.recent.some((event) => event.unsigned.includes('a secret')));
      strictEqual(room.get('m.room.topic', '')?.eventId, next.eventId);
      strictEqual(room.get('m.room.topic', '')?.unsigned, shown.unsigned);
      rig = await rig.restarted();
      const row = await rig.storage.read((tx) => tx.events.byId(next.eventId));
      strictEqual(row!.unsigned, shown.unsigned);
      deepStrictEqual(JSON.parse(row!.json).content, { topic: 'harmless' });
    });

    it('is for the sender and for those with the power to', async () => {
      const byAlice = await rig.say(room.id, 'mine');
      const byBob = await rig.say(room.id, 'yours', BOB);
      await rejects(redact(byAlice.eventId, BOB), refusedWith('M_FORBIDDEN'));
      await redact(byBob.eventId, ALICE);
      await redact(byAlice.eventId, ALICE);
    });

    it('needs an event of the same room, and not its creation', async () => {
      const create = room.get('m.room.create', '')!;
      await rejects(redact('$nothing', ALICE), refusedWith('M_NOT_FOUND'));
      await rejects(redact(create.eventId, ALICE), refusedWith('M_FORBIDDEN'));
      const other = await rig.room(version === '10' ? '12' : '11');
      const elsewhere = await rig.say(other.id, 'elsewhere');
      await rejects(redact(elsewhere.eventId, ALICE), refusedWith('M_NOT_FOUND'));
      await rejects(
        rig.timeline.send(room.id, { type: 'm.room.redaction', sender: ALICE, content: {} }),
        refusedWith('M_INVALID_PARAM'),
      );
    });

    it('can be repeated', async () => {
      const said = await rig.say(room.id, 'x');
      await redact(said.eventId, ALICE);
      const second = await redact(said.eventId, ALICE, 'again');
      strictEqual((await rig.events.byId(said.eventId, room))!.redactedBy, second.eventId);
    });
  });
}
