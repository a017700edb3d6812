import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Pdu } from '../../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { contentHash, referenceHash } from '../../../../src/protocol/signing/event-hash.ts';
import { signEvent } from '../../../../src/protocol/signing/sign-event.ts';
import type { Room } from '../../../../src/services/timeline/room.ts';
import type { SignedEvent } from '../../../../src/services/timeline/stored-event.ts';
import { EventKind } from '../../../../src/storage/contract/events.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../../support/remote-server.ts';
import { ALICE, BOB, CAROL, HERE, portrait, TestTimeline } from '../support/test-timeline.ts';

const FAR = new RemoteServer('far.example', 1);
const OTHER = new RemoteServer('other.example', 2);
const DORA = FAR.user('dora');
const ERIN = OTHER.user('erin');

describe('PduReceiver', () => {
  let rig: TestTimeline;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    rig.keys = keysOf(FAR, OTHER);
    room = await rig.room();
  });

  afterEach(() => rig.stop());

  const receive = async (...events: readonly (SignedEvent | JsonObject)[]) => {
    const pdus = events.map((event) => ('json' in event ? wire(event as SignedEvent) : (event as JsonObject)));
    const verdicts = await rig.receiver.receive(FAR.name, room.id, pdus);
    return verdicts.map(({ error }) => error);
  };
  const accepted = async (...events: readonly SignedEvent[]) => {
    for (const error of await receive(...events)) strictEqual(error, undefined);
  };
  const stored = async (event: SignedEvent) => {
    const row = await rig.storage.read((tx) => tx.events.byId(event.eventId));
    if (!row) return undefined;
    return Object.entries(EventKind).find(([, kind]) => kind === row.kind)?.[0];
  };
  const shown = () => room.recent.map(({ eventId }) => eventId);
  const ends = () => room.decided.extremities.map(({ eventId }) => eventId).sort();

  /** The room as the database has it. */
  async function assertSameWhenLoaded(): Promise<void> {
    const inMemory = portrait((await rig.rooms.get(room.id))!);
    const { keys, network } = rig;
    rig = await rig.restarted();
    Object.assign(rig, { keys, network });
    room = (await rig.rooms.get(room.id))!;
    deepStrictEqual(portrait(room), inMemory);
  }

  describe('of events whose ids their servers choose', () => {
    const relabel = (event: SignedEvent, eventId: string): SignedEvent => {
      const pdu: JsonObject = { ...wire(event), event_id: eventId, signatures: {} };
      const hashed = { ...pdu, hashes: { sha256: contentHash(pdu, room.rules) } } as unknown as Pdu;
      signEvent(hashed, room.rules, { serverName: FAR.name, key: FAR.key });
      return { eventId, pdu: hashed, json: JSON.stringify(hashed) };
    };

    beforeEach(async () => {
      room = await rig.room('1');
    });

    it('adds them, and names them with their hashes in what follows', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA), branch.say(FAR, DORA, 'hello'));
      const next = await rig.say(room.id, 'welcome');
      const last = branch.events[1]!;
      deepStrictEqual(next.pdu.prev_events, [[last.eventId, { sha256: referenceHash(last.pdu, room.rules) }]]);
      await assertSameWhenLoaded();
    });

    it('does not take an id for granted that names another server, or none', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const said = branch.say(FAR, DORA, 'hello');
      for (const id of ['$x:test.example', '$x', 'x:far.example', `$${'x'.repeat(255)}:far.example`]) {
        ok((await receive(relabel(said, id)))[0], id);
      }
    });

    it('refuses one with the id of an event of another room, which stays as it is', async () => {
      const branch = Branch.of(room);
      const join = branch.join(FAR, DORA);
      await accepted(join);
      const other = await rig.timeline.createRoom({
        ...{ rules: room.rules, creator: ALICE, content: { creator: ALICE }, isPublic: false },
        chooseRoomId: () => '!other:test.example',
        following: () => [
          { type: 'm.room.member', sender: ALICE, stateKey: ALICE, content: { membership: 'join' } },
          { type: 'm.room.join_rules', sender: ALICE, stateKey: '', content: { join_rule: 'public' } },
        ],
      });
      const elsewhere = Branch.of(other);
      const again = relabel(elsewhere.join(FAR, DORA), join.eventId);
      const [verdict] = await rig.receiver.receive(FAR.name, other.id, [wire(again)]);
      strictEqual(verdict?.error, 'Its id is that of an event of another room');
      strictEqual((await rig.storage.read((tx) => tx.events.byId(join.eventId)))?.room_nid, room.nid);
      ok(!other.isJoined(DORA));
    });

    it('lets whoever may redact do so, and users of the server that made the event', async () => {
      const branch = Branch.of(room);
      const [dora, erin] = [FAR.user('dora'), OTHER.user('erin')];
      await accepted(branch.join(FAR, dora), branch.join(FAR, FAR.user('dan')), branch.join(OTHER, erin));
      const said = branch.say(FAR, dora, 'hello');
      await accepted(said);
      const redaction = (server: RemoteServer, user: string) =>
        branch.make(server, user, { type: 'm.room.redaction', content: {}, redacts: said.eventId });
      ok((await receive(redaction(OTHER, erin)))[0]);
      strictEqual(room.recent.find(({ eventId }) => eventId === said.eventId)?.redactedBy, undefined);
      await accepted(redaction(FAR, FAR.user('dan')));
      ok(room.recent.find(({ eventId }) => eventId === said.eventId)?.redactedBy);
    });
  });

  describe('of events that follow the newest one', () => {
    it('adds them to the room, which local users then go on from', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA), branch.say(FAR, DORA, 'hello'), branch.say(FAR, DORA, 'again'));
      ok(room.isJoined(DORA));
      deepStrictEqual(
        shown().slice(-3),
        branch.events.map((e) => e.eventId),
      );
      const next = await rig.say(room.id, 'welcome');
      deepStrictEqual(next.pdu.prev_events, [branch.events[2]!.eventId]);
      await assertSameWhenLoaded();
    });

    it('knows those that it has received before, whoever sends them', async () => {
      const branch = Branch.of(room);
      const join = branch.join(FAR, DORA);
      await accepted(join);
      await accepted(join, branch.say(FAR, DORA, 'x'), join);
      const before = shown();
      await accepted(...branch.events);
      deepStrictEqual(shown(), before);
    });

    it('takes them in whatever order they come', async () => {
      const branch = Branch.of(room);
      branch.join(FAR, DORA);
      branch.say(FAR, DORA, 'one');
      branch.say(FAR, DORA, 'two');
      await accepted(...branch.events.toReversed());
      deepStrictEqual(
        shown().slice(-3),
        branch.events.map((e) => e.eventId),
      );
    });

    it('keeps nothing of unsigned', async () => {
      const join = Branch.of(room).join(FAR, DORA);
      const pdu = wire(join);
      pdu['unsigned'] = { age: 5, 'm.relations': { hostile: true } };
      deepStrictEqual(await receive(pdu), [undefined]);
      const event = await rig.events.byId(join.eventId, room);
      strictEqual(event!.json.includes('unsigned'), false);
    });

    it('keeps the redacted copy of one whose hash is not that of its content', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const pdu = wire(branch.say(FAR, DORA, 'the true text'));
      (pdu['content'] as JsonObject)['body'] = 'forged';
      deepStrictEqual(await receive(pdu), [undefined]);
      deepStrictEqual(room.recent.at(-1)!.content, {});
    });
  });

  describe('refuses', () => {
    let branch: Branch;

    beforeEach(async () => {
      branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
    });

    const spoilt = (change: (pdu: JsonObject) => void): JsonObject => {
      const pdu = wire(branch.make(FAR, DORA, { type: 'm.room.message', content: { body: 'x' } }));
      change(pdu);
      return pdu;
    };
    const forms: readonly [string, (pdu: JsonObject) => void][] = [
      ['a type that is no string', (pdu) => (pdu['type'] = 5)],
      ['a NUL in the type', (pdu) => (pdu['type'] = 'a\0b')],
      ['a sender that is no user', (pdu) => (pdu['sender'] = 'dora')],
      ['a state key that is no string', (pdu) => (pdu['state_key'] = null)],
      ['content that is no object', (pdu) => (pdu['content'] = [])],
      ['no room id', (pdu) => delete pdu['room_id']],
      ['the id of another room', (pdu) => (pdu['room_id'] = '!other:far.example')],
      ['a negative depth', (pdu) => (pdu['depth'] = -1)],
      ['a fraction as depth', (pdu) => (pdu['depth'] = 1.5)],
      ['a depth beyond what JSON can say', (pdu) => (pdu['depth'] = 2 ** 60)],
      ['a time that is none', (pdu) => (pdu['origin_server_ts'] = 'now')],
      ['no previous events', (pdu) => (pdu['prev_events'] = [])],
      ['too many previous events', (pdu) => (pdu['prev_events'] = Array(21).fill(room.recent[0]!.eventId))],
      ['too many auth events', (pdu) => (pdu['auth_events'] = Array(11).fill(room.recent[0]!.eventId))],
      ['previous events that are no ids', (pdu) => (pdu['prev_events'] = ['$short'])],
      ['auth events that are objects', (pdu) => (pdu['auth_events'] = [{}])],
      ['no hashes', (pdu) => delete pdu['hashes']],
      ['no signatures', (pdu) => (pdu['signatures'] = {})],
      ['numbers that canonical JSON has not', (pdu) => (pdu['content'] = { n: 0.5 })],
      ['too many bytes', (pdu) => (pdu['content'] = { body: 'x'.repeat(70_000) })],
      ['a type that is too long', (pdu) => (pdu['type'] = 'x'.repeat(256))],
    ];
    for (const [what, change] of forms) {
      it(`${what}, and stores nothing`, async () => {
        const before = portrait(room);
        const [error] = await receive(spoilt(change));
        ok(error !== undefined);
        deepStrictEqual(portrait(room), before);
      });
    }

    it('a signature by an unknown key, by another server, or of something else', async () => {
      const stranger = new RemoteServer('far.example', 9);
      ok((await receive(branch.clone().say(stranger, DORA, 'x')))[0]?.includes('unknown-key'));
      ok((await receive(branch.clone().say(OTHER, DORA, 'x')))[0]?.includes('not-signed'));
      const pdu = wire(branch.clone().say(FAR, DORA, 'x'));
      pdu['depth'] = 77;
      ok((await receive(pdu))[0]?.includes('bad-signature'));
    });

    it('everything from servers that the room shuts out', async () => {
      const acl = { allow: ['*'], deny: [FAR.name] };
      await rig.setState(room.id, 'm.room.server_acl', '', acl);
      ok((await receive(Branch.of(room).say(FAR, DORA, 'x')))[0]?.includes('not allowed'));
    });

    it('everything of rooms that it is not in', async () => {
      const verdicts = await rig.receiver.receive(FAR.name, '!unknown:far.example', [{}]);
      ok(verdicts[0]?.error);
    });

    it('what its auth events do not allow: it is rejected, stored and never shown', async () => {
      const unallowed = branch.make(FAR, DORA, { type: 'm.room.name', stateKey: '', content: { name: 'mine' } });
      const before = portrait(room);
      ok((await receive(unallowed))[0]);
      strictEqual(await stored(unallowed), 'rejected');
      deepStrictEqual(portrait(room), before);
      await accepted(unallowed);
    });

    it('auth events that have no place there, or are rejected themselves', async () => {
      const topic = await rig.setState(room.id, 'm.room.topic', '', { topic: 'x' });
      const at = Branch.of(room);
      const wrong = at.make(FAR, DORA, {
        type: 'm.room.message',
        content: {},
        authEvents: [room.get('m.room.member', DORA)!.eventId, topic.eventId],
      });
      ok((await receive(wrong))[0]);
      strictEqual(await stored(wrong), 'rejected');
      const levels = at.make(FAR, DORA, { type: 'm.room.power_levels', stateKey: '', content: { users: {} } });
      ok((await receive(levels))[0]);
      const by = at.make(FAR, DORA, {
        type: 'm.room.message',
        content: {},
        authEvents: [room.get('m.room.member', DORA)!.eventId, levels.eventId],
      });
      ok((await receive(by))[0]);
      strictEqual(await stored(by), 'rejected');
      deepStrictEqual(ends(), [topic.eventId]);
    });

    it('what the state before it does not allow, though its auth events do', async () => {
      const memberBefore = room.get('m.room.member', DORA)!.eventId;
      const ban = await rig.setState(room.id, 'm.room.member', DORA, { membership: 'ban' });
      const after = Branch.of(room).make(FAR, DORA, {
        type: 'm.room.message',
        content: { body: 'I am banned' },
        authEvents: [memberBefore, room.get('m.room.power_levels', '')!.eventId],
      });
      ok((await receive(after))[0]);
      strictEqual(await stored(after), 'rejected');
      deepStrictEqual(ends(), [ban.eventId]);
    });
  });

  describe('of events whose state key has too many bytes, though not too many code points', () => {
    const sparks = '\u{1f4a5}'.repeat(70);
    const breaker = { type: 'my.room.breaker', stateKey: sparks, content: {} };
    const founded = async (version: string) => {
      rig.keys = keysOf(FAR, HERE);
      const branch = Branch.found(FAR, DORA, version);
      const state = branch.stateEvents().map(wire);
      await rig.import.join({
        ...{ roomId: branch.roomId, version, origin: FAR.name, state, authChain: state },
        joinEvent: wire(branch.join(HERE, ALICE)),
      });
      room = (await rig.rooms.get(branch.roomId))!;
      return branch;
    };

    it('rejects them in rooms of version 10, where other events may follow them', async () => {
      const branch = await founded('10');
      const broken = branch.add(FAR, DORA, breaker);
      ok((await receive(broken))[0]?.includes('state_key'));
      strictEqual(await stored(broken), 'rejected');
      const next = branch.say(FAR, DORA, 'next');
      await accepted(next);
      strictEqual(room.recent.at(-1)!.eventId, next.eventId);
    });

    it('takes them for no events in rooms of version 11', async () => {
      const branch = await founded('11');
      const broken = branch.add(FAR, DORA, breaker);
      ok((await receive(broken))[0]);
      strictEqual(await stored(broken), undefined);
    });
  });

  describe('of events on another branch', () => {
    it('has two ends of the history until somebody goes on from both', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const here = await rig.say(room.id, 'here');
      const there = branch.say(FAR, DORA, 'there');
      await accepted(there);
      deepStrictEqual(ends(), [here.eventId, there.eventId].sort());
      await assertSameWhenLoaded();
      const merged = await rig.say(room.id, 'both');
      deepStrictEqual([...merged.pdu.prev_events].sort(), [here.eventId, there.eventId].sort());
      deepStrictEqual(ends(), [merged.eventId]);
      await assertSameWhenLoaded();
    });

    it('soft-fails what was allowed there and is not any more: stored, no end of the history, never shown', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const ban = await rig.setState(room.id, 'm.room.member', DORA, { membership: 'ban' });
      const late = branch.say(FAR, DORA, 'sent before I knew');
      await accepted(late);
      strictEqual(await stored(late), 'softFailed');
      deepStrictEqual(ends(), [ban.eventId]);
      ok(!shown().includes(late.eventId));
      await assertSameWhenLoaded();
    });

    it('takes an end away that is followed by way of a soft-failed event', async () => {
      await rig.setState(room.id, 'm.room.power_levels', '', { users_default: 100 });
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA), branch.join(OTHER, ERIN));
      const side = branch.clone();
      const ban = await rig.setState(room.id, 'm.room.member', DORA, { membership: 'ban' });
      const late = side.say(FAR, DORA, 'sent before I knew');
      await accepted(late);
      const onTop = side.say(OTHER, ERIN, 'on top of it');
      await accepted(onTop);
      deepStrictEqual(ends(), [ban.eventId, onTop.eventId].sort());
      const both = side.make(OTHER, ERIN, {
        type: 'm.room.message',
        content: {},
        prevEvents: [late.eventId, ban.eventId],
        depth: 50,
      });
      await accepted(both);
      deepStrictEqual(ends(), [both.eventId, onTop.eventId].sort());
    });

    it('resolves state that was set on both, here and there, and tells so in the log of changes', async () => {
      await rig.setState(room.id, 'm.room.power_levels', '', { users_default: 50, state_default: 50 });
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const here = await rig.setState(room.id, 'm.room.topic', '', { topic: 'here' });
      const named = await rig.setState(room.id, 'm.room.name', '', { name: 'here' });
      const topic = (text: string, ts: number) =>
        branch.add(FAR, DORA, { type: 'm.room.topic', stateKey: '', content: { topic: text }, ts });
      // The later one stands, whichever comes first.
      const earlier = topic('earlier', here.originServerTs - 1_000);
      await accepted(earlier);
      strictEqual(room.get('m.room.topic', '')!.eventId, here.eventId);
      const later = topic('later', here.originServerTs + 1_000);
      const seat = branch.add(FAR, DORA, { type: 'org.example.seat', stateKey: DORA, content: { at: 1 } });
      await accepted(later, seat);
      strictEqual(room.get('m.room.topic', '')!.eventId, later.eventId);
      strictEqual(room.get('m.room.name', '')!.eventId, named.eventId);
      strictEqual(room.get('org.example.seat', DORA)!.eventId, seat.eventId);
      const deltas = await rig.storage.read((tx) => tx.rooms.stateDeltas(room.nid, here.position, 1e9));
      const topics = deltas.filter(({ type }) => type === 'm.room.topic');
      deepStrictEqual(
        topics.map((delta) => delta.old_event_nid),
        [here.nid],
      );
      await assertSameWhenLoaded();
      await rig.say(room.id, 'both');
      await assertSameWhenLoaded();
    });

    it('lets a ban on one branch take back a join on the other', async () => {
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      await rig.setState(room.id, 'm.room.power_levels', '', { users: { [DORA]: 60 }, ban: 50, users_default: 0 });
      const there = Branch.of(room);
      const left = await rig.setState(room.id, 'm.room.member', CAROL, { membership: 'join' }, CAROL);
      const ban = there.add(FAR, DORA, { type: 'm.room.member', stateKey: CAROL, content: { membership: 'ban' } });
      await accepted(ban);
      strictEqual(room.membershipOf(CAROL), 'ban');
      ok(!room.isJoined(CAROL));
      const row = await rig.storage.read((tx) => tx.rooms.membership(CAROL, room.nid));
      strictEqual(row?.membership, 'ban');
      ok(left.position < row!.position);
      await assertSameWhenLoaded();
    });

    it('comes to the same state in whatever order branches arrive', async () => {
      await rig.setState(room.id, 'm.room.power_levels', '', { users: { [BOB]: 100, [DORA]: 60 }, users_default: 50 });
      const base = Branch.of(room);
      base.join(FAR, DORA);
      base.join(OTHER, ERIN);
      await accepted(...base.events);
      const first = base.clone();
      first.add(FAR, DORA, { type: 'm.room.topic', stateKey: '', content: { topic: 'one' } });
      first.add(FAR, DORA, { type: 'm.room.member', stateKey: ERIN, content: { membership: 'leave' } });
      const second = base.clone();
      second.add(OTHER, ERIN, { type: 'm.room.topic', stateKey: '', content: { topic: 'two' } });
      second.add(OTHER, ERIN, { type: 'm.room.name', stateKey: '', content: { name: 'two' } });
      await accepted(...first.events, ...second.events);
      const states = () =>
        [...room.stateEvents()].map((event) => `${event.type} ${event.stateKey} ${event.eventId}`).sort();
      const oneWay = states();
      await rig.say(room.id, 'both', ALICE);
      deepStrictEqual(states(), oneWay);
      await assertSameWhenLoaded();
    });
  });

  describe('of many branches', () => {
    it('brings them together by an event of its own, twenty at a time', async () => {
      await rig.setState(room.id, 'm.room.power_levels', '', { state_default: 0 });
      const branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA));
      const forks = Array.from({ length: 60 }, (_, i) => {
        const fork = branch.clone();
        return fork.add(FAR, DORA, { type: 'org.example.seat', stateKey: DORA, content: { at: i } });
      });
      await accepted(...forks.slice(0, 45));
      ok(ends().length <= 10, `${ends().length} ends`);
      const dummy = room.recent.at(-1)!;
      strictEqual(dummy.type, 'org.matrix.dummy_event');
      ok(dummy.pdu.prev_events.length <= 20);
      const said = await rig.say(room.id, 'on top of all');
      deepStrictEqual(ends(), [said.eventId]);
      await assertSameWhenLoaded();
      await accepted(...forks.slice(45));
      await assertSameWhenLoaded();
    });
  });

  describe('of redactions', () => {
    let branch: Branch;

    beforeEach(async () => {
      branch = Branch.of(room);
      await accepted(branch.join(FAR, DORA), branch.join(OTHER, ERIN));
    });

    const redaction = (server: RemoteServer, sender: string, redacts: string) => ({
      ...{ server, sender },
      draft: { type: 'm.room.redaction', content: {}, redacts },
    });
    const contentOf = async (event: SignedEvent) => (await rig.events.byId(event.eventId, room))!.content;

    it('prunes what the sender’s server has sent, and what others have if the sender has the power', async () => {
      const own = branch.say(FAR, DORA, 'mine');
      const others = branch.say(OTHER, ERIN, 'not mine');
      await accepted(own, others);
      for (const target of [own, others]) {
        const { server, sender, draft } = redaction(FAR, DORA, target.eventId);
        await accepted(branch.add(server, sender, draft));
      }
      deepStrictEqual(await contentOf(own), {});
      deepStrictEqual((await contentOf(others))['body'], 'not mine');
      await rig.setState(room.id, 'm.room.power_levels', '', { users: { [DORA]: 50 } });
      const now = Branch.of(room);
      const { server, sender, draft } = redaction(FAR, DORA, others.eventId);
      await accepted(now.add(server, sender, draft));
      deepStrictEqual(await contentOf(others), {});
      deepStrictEqual(room.recent.find(({ eventId }) => eventId === others.eventId)!.content, {});
    });

    it('prunes what comes later than its redaction', async () => {
      const side = branch.clone();
      const late = side.say(FAR, DORA, 'late');
      const { server, sender, draft } = redaction(FAR, DORA, late.eventId);
      await accepted(branch.add(server, sender, draft));
      await accepted(late);
      deepStrictEqual(await contentOf(late), {});
      await assertSameWhenLoaded();
      deepStrictEqual(await contentOf(late), {});
    });
  });
});
