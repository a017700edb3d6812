import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { PduVerdict } from '../../../src/services/timeline/receive-pdu/pdu-receiver.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { ReceivedTransactions } from '../../../src/services/transactions/received-transactions.ts';
import { type PduSink, RoomLanes } from '../../../src/services/transactions/room-lanes.ts';
import { StagedPdus } from '../../../src/services/transactions/staged-pdus.ts';
import { Loggers } from '../../../src/util/logger.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../support/remote-server.ts';
import { TestTimeline } from '../timeline/support/test-timeline.ts';

const FAR = new RemoteServer('far.example', 1);
const ZOE = FAR.user('zoe');
const LIMITS = { answerWithin: 7_000, rooms: 2, transactionsPerServer: 2, answers: 100 };

/** Something that a test opens. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The parts that take in transactions, as of one process. */
function process(rig: TestTimeline, staging = 100) {
  const calls: string[][] = [];
  /** Who is kept waiting before events are checked. */
  const hold = { until: Promise.resolve() as Promise<unknown>, roomId: undefined as string | undefined };
  const receiver: PduSink = {
    async receive(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<PduVerdict[]> {
      calls.push(pdus.map(({ content }) => String((content as JsonObject | undefined)?.['body'])));
      if (hold.roomId === undefined || hold.roomId === roomId) await hold.until;
      return rig.receiver.receive(origin, roomId, pdus);
    },
  };
  const staged = new StagedPdus(rig.storage, staging);
  const logger = new Loggers({ level: 'silent', format: 'json' }).named('inbox');
  const lanes = new RoomLanes({ receiver, staged, clock: rig.clock, logger, limits: LIMITS });
  const edus = { receive: async () => undefined };
  const transactions = new ReceivedTransactions({ rooms: rig.rooms, lanes, staged, edus, limits: LIMITS });
  return { lanes, transactions, calls, hold };
}

describe('ReceivedTransactions', () => {
  let rig: TestTimeline;
  let room: Room;
  let branch: Branch;
  let p: ReturnType<typeof process>;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    rig.keys = keysOf(FAR);
    room = await rig.room();
    branch = Branch.of(room);
    p = process(rig);
    await p.lanes.start();
    await p.transactions.receive(FAR.name, 'join', { pdus: [wire(branch.join(FAR, ZOE))], edus: [] });
  });
  afterEach(async () => {
    await p.lanes.stop();
    await rig.stop();
  });

  const messages = (...bodies: string[]) => bodies.map((body) => branch.say(FAR, ZOE, body));
  const send = (txnId: string, events: ReturnType<typeof messages>) =>
    p.transactions.receive(FAR.name, txnId, { pdus: events.map(wire), edus: [] });
  const shown = () => room.recent.map(({ content }) => content['body']).filter((body) => body !== undefined);
  const waiting = async () => (await rig.storage.read((tx) => tx.inbox.staged(room.id, 100))).length;
  const isRefused = (errcode: string) => (error: unknown) => error instanceof MatrixError && error.errcode === errcode;

  it('gives a verdict on each event', async () => {
    const [good, bad] = messages('good', 'bad');
    const forged = { ...wire(bad!), signatures: {} };
    const nowhere = { ...wire(good!), room_id: '!nowhere:far.example' };
    const pdus = [wire(good!), forged, nowhere, 7, { room_id: 4 }] as JsonObject[];
    const answer = await p.transactions.receive(FAR.name, '1', { pdus, edus: [] });
    deepStrictEqual(answer.pdus[good!.eventId], {});
    ok(answer.pdus[bad!.eventId]?.error);
    const others = Object.entries(answer.pdus).filter(([id]) => id !== good!.eventId && id !== bad!.eventId);
    ok(others.length >= 1 && others.every(([, verdict]) => verdict.error));
    deepStrictEqual(shown(), ['good']);
  });

  it('does once what is sent again, in the middle and afterwards', async () => {
    const { opened, open } = gate();
    p.hold.until = opened;
    const events = messages('one');
    const first = send('1', events);
    const second = send('1', events);
    open();
    deepStrictEqual(await first, await second);
    deepStrictEqual(await send('1', events), await first);
    deepStrictEqual(p.calls.slice(1), [['one']]);
  });

  it('asks a server to wait that sends too many transactions at once', async () => {
    const { opened, open } = gate();
    p.hold.until = opened;
    const running = [send('1', messages('one')), send('2', messages('two'))];
    await rejects(() => send('3', messages('three')), isRefused('M_LIMIT_EXCEEDED'));
    open();
    await Promise.all(running);
    deepStrictEqual(shown(), ['one', 'two']);
  });

  it('answers in time, and keeps what it could not check', async () => {
    const { opened, open } = gate();
    p.hold.until = opened;
    const first = send('1', messages('one'));
    const second = send('2', messages('two'));
    rig.clock.advance(7_000);
    deepStrictEqual(Object.values((await first).pdus), [{}]);
    deepStrictEqual(Object.values((await second).pdus), [{}]);
    strictEqual(await waiting(), 2);
    deepStrictEqual(shown(), []);
    // Whoever comes now does not wait at all.
    await send('3', messages('three'));
    strictEqual(await waiting(), 3);
    open();
    await p.lanes.drain();
    deepStrictEqual(shown(), ['one', 'two', 'three']);
    strictEqual(await waiting(), 0);
  });

  it('loses nothing that it has answered for when it is killed', async () => {
    p.hold.until = gate().opened;
    const running = [send('1', messages('one')), send('2', messages('two'))];
    rig.clock.advance(7_000);
    await Promise.all(running);
    // The process ends here: what it was doing comes to nothing.
    const { keys } = rig;
    rig = await rig.restarted();
    Object.assign(rig, { keys });
    p = process(rig);
    await p.lanes.start();
    await p.lanes.drain();
    room = (await rig.rooms.get(room.id))!;
    deepStrictEqual(shown(), ['one', 'two']);
    strictEqual(await waiting(), 0);
  });

  it('bounds what it keeps for one server', async () => {
    await p.lanes.stop();
    p = process(rig, 3);
    await p.lanes.start();
    const { opened, open } = gate();
    p.hold.until = opened;
    const first = send('1', messages('one', 'two'));
    rig.clock.advance(7_000);
    await first;
    await rejects(() => send('2', messages('three', 'four')), isRefused('M_LIMIT_EXCEEDED'));
    open();
    await p.lanes.drain();
    await send('3', messages('five', 'six'));
  });

  it('keeps no room waiting for another', async () => {
    const other = await rig.room('12');
    const elsewhere = Branch.of(other);
    const { opened, open } = gate();
    p.hold.until = opened;
    p.hold.roomId = room.id;
    const slow = send('1', messages('slow'));
    await p.transactions.receive(FAR.name, '2', { pdus: [wire(elsewhere.join(FAR, ZOE))], edus: [] });
    ok(other.isJoined(ZOE));
    open();
    await slow;
  });
});
