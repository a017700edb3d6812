import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { EventPages } from '../../../../src/services/history/event-pages.ts';
import type { Room } from '../../../../src/services/timeline/room.ts';
import { RemoteHistory } from '../../../support/remote-history.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../../support/remote-server.ts';
import { ALICE, portrait, TestTimeline } from '../support/test-timeline.ts';

const FAR = new RemoteServer('far.example', 1);
const HERE = new RemoteServer('test.example', 7, 'a_test');
const DORA = FAR.user('dora');

describe('A gap in the history of a room', () => {
  let rig: TestTimeline;
  let branch: Branch;
  let remote: RemoteHistory;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start({ recentEvents: 12 });
    branch = Branch.found(FAR, DORA);
    remote = new RemoteHistory(branch);
    connect();
    for (let i = 0; i < 5; i++) branch.say(FAR, DORA, `before ${i}`);
    const state = branch.stateEvents().map(wire);
    const join = branch.join(HERE, ALICE);
    await rig.import.join({
      ...{ roomId: branch.roomId, version: '12', origin: FAR.name },
      ...{ joinEvent: wire(join), state, authChain: state },
    });
    room = (await rig.rooms.get(branch.roomId))!;
  });

  afterEach(() => rig.stop());

  const connect = () => {
    rig.keys = keysOf(FAR, HERE);
    rig.network = remote;
  };
  const receive = async (...events: Parameters<typeof wire>) => {
    const [verdict] = await rig.receiver.receive(FAR.name, room.id, events.map(wire));
    return verdict!.error;
  };
  const restart = async () => {
    rig = await rig.restarted();
    connect();
    room = (await rig.rooms.get(branch.roomId))!;
  };
  const outage = (count: number) => {
    for (let i = 0; i < count; i++) branch.say(FAR, DORA, `missed ${i}`);
  };
  /** Every event by its id, as a client finds it that goes back page by page. */
  const pagedThrough = async (perPage: number) => {
    const pages = new EventPages(rig.storage, rig.events, rig.backfill);
    const ids: string[] = [];
    let at = room.pointAt(rig.storage.head);
    for (;;) {
      const page = await pages.backwardsOverGaps(room, at, perPage);
      ids.push(...page.map(({ eventId }) => eventId));
      const last = page.at(-1);
      if (!last || page.length < perPage) return ids.reverse();
      at = { chunk: last.chunk, index: last.chunkIndex - 1 };
    }
  };

  it('is filled with the few events that were missed', async () => {
    outage(10);
    const next = branch.say(FAR, DORA, 'next');
    strictEqual(await receive(next), undefined);
    deepStrictEqual(
      room.recent.slice(-11).map(({ eventId }) => eventId),
      branch.all.slice(-11).map(({ eventId }) => eventId),
    );
    ok(!room.hasGap(1));
    strictEqual(room.liveChunk, 0);
  });

  it('begins a new chunk when too much was missed, with the state of now', async () => {
    branch.add(FAR, DORA, { type: 'm.room.name', stateKey: '', content: { name: 'new' } });
    outage(30);
    const next = branch.say(FAR, DORA, 'next');
    strictEqual(await receive(next), undefined);
    strictEqual(room.get('m.room.name', '')?.content['name'], 'new');
    strictEqual(room.liveChunk, 1);
    ok(room.hasGap(1));
    const before = portrait(room);
    await restart();
    deepStrictEqual(portrait(room), before);
    ok(room.hasGap(1));
  });

  for (const perPage of [1, 7, 100]) {
    it(`lets every event be paged through once, ${perPage} at a time, back to the beginning`, async () => {
      outage(45);
      branch.add(FAR, DORA, { type: 'm.room.topic', stateKey: '', content: { topic: 'x' } });
      outage(30);
      for (let i = 0; i < 3; i++) strictEqual(await receive(branch.say(FAR, DORA, `after ${i}`)), undefined);
      await restart();
      deepStrictEqual(
        await pagedThrough(perPage),
        branch.all.map(({ eventId }) => eventId),
      );
      strictEqual(room.gaps.size, 0);
      deepStrictEqual((await pagedThrough(10)).length, branch.all.length);
      await restart();
      deepStrictEqual(
        await pagedThrough(perPage),
        branch.all.map(({ eventId }) => eventId),
      );
    });
  }

  it('is passed over while nobody can be asked, and filled later', async () => {
    outage(40);
    strictEqual(await receive(branch.say(FAR, DORA, 'next')), undefined);
    remote.isAway = true;
    const meanwhile = await pagedThrough(10);
    ok(meanwhile.length < branch.all.length);
    remote.isAway = false;
    deepStrictEqual(
      await pagedThrough(10),
      branch.all.map(({ eventId }) => eventId),
    );
  });

  it('is not filled with events that have nothing to do with it, or are forged', async () => {
    outage(40);
    strictEqual(await receive(branch.say(FAR, DORA, 'next')), undefined);
    const other = branch.clone().say(FAR, DORA, 'of another branch');
    remote.instead = ({ uri }) => {
      if (!uri.includes('backfill')) return undefined;
      const forged = wire(branch.all.at(-2)!);
      forged['depth'] = 1;
      return { pdus: [wire(other), forged] };
    };
    const ids = await pagedThrough(50);
    ok(!ids.includes(other.eventId));
    ok(room.hasGap(1));
  });

  it('takes an event that was missing to its place when it comes after all', async () => {
    outage(30);
    const missed = branch.all.at(-1)!;
    const told = branch.say(FAR, DORA, 'told');
    const next = branch.say(FAR, DORA, 'next');
    remote.instead = ({ uri }) => (uri.includes('get_missing_events') ? { events: [wire(told)] } : undefined);
    strictEqual(await receive(next), undefined);
    deepStrictEqual([...room.gaps.keys()].includes(missed.eventId), true);
    strictEqual(await receive(missed), undefined);
    strictEqual(room.recent.at(-1)!.eventId, next.eventId);
    deepStrictEqual(room.decided.extremities.map(({ eventId }) => eventId).includes(missed.eventId), false);
    remote.instead = () => undefined;
    deepStrictEqual(
      await pagedThrough(10),
      branch.all.map(({ eventId }) => eventId),
    );
  });

  it('leaves out events whose predecessors nobody hands out', async () => {
    outage(30);
    const next = branch.say(FAR, DORA, 'next');
    remote.isAway = true;
    ok((await receive(next))?.includes('cannot be had'));
    remote.isAway = false;
    strictEqual(await receive(next), undefined);
  });

  it('is not jumped over by a server that withholds the event before the one it sends, and tells only a state', async () => {
    outage(1);
    const next = branch.say(FAR, DORA, 'next');
    remote.instead = ({ uri }) => (uri.includes('get_missing_events') ? { events: [] } : undefined);
    remote.asked.length = 0;
    ok((await receive(next))?.includes('cannot be had'));
    deepStrictEqual(remote.asked, []);
    ok(!room.recent.some(({ eventId }) => eventId === next.eventId));
    remote.instead = () => undefined;
    strictEqual(await receive(branch.say(FAR, DORA, 'after')), undefined);
    ok(room.recent.some(({ eventId }) => eventId === next.eventId));
  });

  it('is filled with the events of another branch, however deep the room has become meanwhile', async () => {
    const asked: unknown[] = [];
    remote.instead = ({ uri, content }) => {
      if (uri.includes('get_missing_events')) asked.push(content?.['min_depth']);
      return undefined;
    };
    const beginning = room.recent[0]!.depth;
    for (let i = 0; i < 10; i++) await rig.say(room.id, `here ${i}`);
    outage(3);
    strictEqual(await receive(branch.say(FAR, DORA, 'next')), undefined);
    deepStrictEqual(asked, [beginning]);
    strictEqual(room.decided.extremities.length, 2);
  });

  it('keeps events of the past that it knows of out of the present, the first of all too', async () => {
    const before = portrait(room);
    for (const old of branch.all.slice(0, 3)) strictEqual(await receive(old), undefined);
    deepStrictEqual(portrait(room), before);
    const second = Branch.found(FAR, DORA, '11');
    const [error] = await rig.receiver.receive(FAR.name, room.id, [wire(second.all[0]!)]);
    ok(error);
    deepStrictEqual(portrait(room), before);
  });
});
