import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../support/remote-server.ts';
import { ALICE, BOB, portrait, TestTimeline } from './support/test-timeline.ts';

const FAR = new RemoteServer('far.example', 1);
const HERE = new RemoteServer('test.example', 7, 'a_test');
const DORA = FAR.user('dora');

for (const version of ['10', '11', '12']) {
  describe(`RoomImport of a room of version ${version}`, () => {
    let rig: TestTimeline;
    let branch: Branch;

    beforeEach(async () => {
      rig = await TestTimeline.start();
      rig.keys = keysOf(FAR, HERE);
      branch = Branch.found(FAR, DORA, version);
    });

    afterEach(() => rig.stop());

    const answer = (state: readonly JsonObject[], joinEvent: JsonObject, authChain = state) => ({
      ...{ roomId: branch.roomId, version, origin: FAR.name, joinEvent, state, authChain },
    });
    const join = async (user = ALICE, change: (pdus: JsonObject[]) => JsonObject[] = (pdus) => pdus) => {
      const state = change(branch.stateEvents().map(wire));
      const chain = change(branch.all.filter(({ pdu }) => pdu.state_key !== undefined).map(wire));
      const event = branch.join(HERE, user);
      await rig.import.join(answer(state, wire(event), chain));
      return (await rig.rooms.get(branch.roomId))!;
    };
    const stateOf = (room: Room) => [...room.stateEvents()].map(({ eventId }) => eventId).sort();

    it('knows the room with its state, and the join as its newest event', async () => {
      const room = await join();
      deepStrictEqual(stateOf(room), [...branch.state.values()].sort());
      ok(room.isJoined(ALICE) && room.isJoined(DORA));
      deepStrictEqual([...room.joinedServers.keys()].sort(), ['far.example', 'test.example']);
      deepStrictEqual(
        room.recent.map(({ eventId }) => eventId),
        [branch.prev[0]],
      );
      const before = portrait(room);
      const { keys } = rig;
      rig = await rig.restarted();
      rig.keys = keys;
      deepStrictEqual(portrait((await rig.rooms.get(branch.roomId))!), before);
    });

    it('takes state and auth chain in any order', async () => {
      const room = await join(ALICE, (pdus) => pdus.reverse());
      deepStrictEqual(stateOf(room), [...branch.state.values()].sort());
    });

    it('goes on from there in both directions', async () => {
      const room = await join();
      const said = await rig.say(room.id, 'hello');
      deepStrictEqual(said.pdu.prev_events, [branch.prev[0]]);
      const theirs = branch.make(FAR, DORA, {
        type: 'm.room.message',
        content: { body: 'welcome' },
        prevEvents: [said.eventId],
        depth: said.depth + 1,
      });
      const [verdict] = await rig.receiver.receive(FAR.name, room.id, [wire(theirs)]);
      strictEqual(verdict!.error, undefined);
      strictEqual(room.recent.at(-1)!.eventId, theirs.eventId);
    });

    it('notes what is missing before the join, and what changed the state before it', async () => {
      const last = branch.prev[0]!;
      const room = await join();
      deepStrictEqual([...room.gaps], [[last, 0]]);
      const joined = room.recent[0]!;
      const deltas = await rig.storage.read((tx) => tx.rooms.stateDeltas(room.nid, 0, 1e9));
      deepStrictEqual(
        deltas.filter(({ position }) => position === joined.position).map((delta) => delta.new_event_nid),
        [joined.nid],
      );
      strictEqual(deltas.length, branch.state.size);
    });

    it('leaves out what is forged or not allowed, and keeps the rest', async () => {
      const topic = branch.add(FAR, DORA, { type: 'm.room.topic', stateKey: '', content: { topic: 'true' } });
      const name = branch.make(FAR, FAR.user('stranger'), { type: 'm.room.name', stateKey: '', content: {} });
      const room = await join(ALICE, (pdus) => {
        for (const pdu of pdus) if (pdu['type'] === 'm.room.topic') pdu['depth'] = 99;
        return [...pdus, wire(name)];
      });
      strictEqual(room.get('m.room.topic', ''), undefined);
      strictEqual(room.get('m.room.name', ''), undefined);
      strictEqual(room.get('m.room.member', DORA)?.sender, DORA);
      ok(topic);
    });

    it('refuses a state without a create event, and a join that is not allowed', async () => {
      const refused = (errcode: string, status?: number) => (error: unknown) =>
        error instanceof MatrixError && error.errcode === errcode && (status === undefined || error.status === status);
      const uncreated = (pdus: JsonObject[]) => pdus.filter((pdu) => pdu['type'] !== 'm.room.create');
      await rejects(join(ALICE, uncreated), refused('M_UNKNOWN', 502));
      branch = Branch.found(FAR, DORA, version);
      branch.add(FAR, DORA, { type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'invite' } });
      await rejects(join(), refused('M_FORBIDDEN'));
      strictEqual(await rig.rooms.get(branch.roomId), undefined);
      branch.add(FAR, DORA, { type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'public' } });
      ok((await join(BOB)).isJoined(BOB));
    });

    it('enters a room again that it had left, in a new chunk, with the state of today', async () => {
      const room = await join();
      const left = await rig.setState(room.id, 'm.room.member', ALICE, { membership: 'leave' }, ALICE);
      branch.prev = [left.eventId];
      branch.depth = left.depth;
      branch.state.set(JSON.stringify(['m.room.member', ALICE]), left.eventId);
      branch.events.push({ eventId: left.eventId, pdu: left.pdu, json: left.json });
      branch.add(FAR, DORA, { type: 'm.room.name', stateKey: '', content: { name: 'while you were away' } });
      branch.say(FAR, DORA, 'missed');
      const again = await join();
      strictEqual(again.get('m.room.name', '')?.content['name'], 'while you were away');
      ok(again.isJoined(ALICE));
      deepStrictEqual(
        again.decided.extremities.map(({ eventId }) => eventId),
        branch.prev,
      );
      strictEqual(again.liveChunk, 1);
      strictEqual(again.recent.at(-1)!.chunk, 1);
      ok(again.hasGap(1));
    });
  });
}
