import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { pruneOutbox } from '../../../src/federation/outbox/prune.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { ALICE } from '../../services/timeline/support/test-timeline.ts';
import { makeCa, type ScriptedServer, type TestCa } from './support/scripted-server.ts';
import { FAR, TestOutbox } from './support/test-outbox.ts';

const ZOE = `@zoe:${FAR}`;
const typing = (key: string, keeps = false) => ({ key, keeps, edu: { edu_type: 'm.typing', content: { key } } });

describe('Outbox', function () {
  this.timeout(20_000);
  let ca: TestCa;
  let t: TestOutbox;
  let far: ScriptedServer;

  before(function () {
    ca = makeCa(this);
  });
  after(() => ca?.remove());
  beforeEach(async () => {
    t = await TestOutbox.start(ca);
    far = await t.server(FAR);
  });
  afterEach(() => t.stop());

  const say = (roomId: string, ...bodies: string[]) => Promise.all(bodies.map((body) => t.rig.say(roomId, body)));
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `message ${i}`);

  describe('sending', () => {
    it('brings events in order, fifty at a time, one transaction after the other', async () => {
      const room = await t.room(ZOE);
      await say(room.id, ...numbered(120));
      await t.outbox.drain();
      deepStrictEqual(far.messages, numbered(120));
      ok(far.received.every(({ pdus }) => pdus.length <= 50));
      strictEqual(far.atOnce, 1);
      strictEqual(new Set(far.received.map(({ id }) => id)).size, far.received.length);
    });

    it('brings a server its ban, and nothing after it', async () => {
      const room = await t.room(ZOE);
      await t.member(room, ZOE, 'ban', ALICE);
      await say(room.id, 'at last');
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['ban']);
    });

    it('brings messages to devices in order, a hundred at a time, and forgets them', async () => {
      await Promise.all(numbered(230).map((text) => t.toDevice(FAR, text)));
      await t.outbox.drain();
      const texts = far.accepted.flatMap(({ edus }) => edus.map(({ content }) => content.text));
      deepStrictEqual(texts, numbered(230));
      ok(far.received.every(({ edus }) => edus.length <= 100));
      deepStrictEqual(await t.rig.storage.read((tx) => tx.outbox.edus(FAR, 10)), []);
    });

    it('goes on until everything is there, however large it is', async () => {
      await t.stop();
      t = await TestOutbox.start(ca, { transactionSize: 10_000 });
      far = await t.server(FAR);
      const room = await t.room(ZOE);
      const large = numbered(10).map((text) => text + 'x'.repeat(3_000));
      await say(room.id, ...large);
      await t.outbox.drain();
      deepStrictEqual(far.messages, large);
      await Promise.all(large.map((text) => t.toDevice(FAR, text)));
      await t.outbox.drain();
      deepStrictEqual(
        far.accepted.flatMap(({ edus }) => edus.map(({ content }) => content.text)),
        large,
      );
      ok(far.received.length >= 8);
    });

    it('tells nothing of events before they are there', async () => {
      const room = await t.room(ZOE);
      far.react = () => ({ status: 502 });
      await say(room.id, 'down');
      await t.outbox.drain();
      far.react = () => ({ status: 200, body: '{"pdus":{}}' });
      await say(room.id, ...numbered(70));
      t.outbox.sendEphemeral(FAR, typing('receipt', true));
      t.advance(10_000);
      t.outbox.wake(FAR);
      await t.outbox.drain();
      deepStrictEqual(
        far.accepted.map(({ pdus, edus }) => [pdus.length, edus.length]),
        [
          [50, 0],
          [21, 1],
        ],
      );
    });

    it('sends the newest of what is worth something for a while only', async () => {
      far.react = () => ({ status: 502 });
      t.outbox.sendEphemeral(FAR, typing('first'));
      await t.outbox.drain();
      far.react = () => ({ status: 200, body: '{}' });
      for (let i = 0; i < 15; i++) t.outbox.sendEphemeral(FAR, typing(`receipt ${i % 12}`, true));
      t.outbox.sendEphemeral(FAR, typing('nobody sees this'));
      t.advance(10_000);
      t.outbox.wake(FAR);
      await t.outbox.drain();
      const [transaction] = far.accepted;
      deepStrictEqual(
        transaction?.edus.map(({ content }) => content.key),
        [5, 6, 7, 8, 9, 10, 11, 0, 1, 2].map((i) => `receipt ${i}`),
      );
    });
  });

  describe('a server that fails', () => {
    it('gets everything when it is back, however it failed', async () => {
      const room = await t.room(ZOE);
      const reactions = ['hang up', { status: 502 }, { status: 200, body: 'garbage' }, { status: 429 }] as const;
      let tries = 0;
      far.react = () => reactions[tries++] ?? { status: 200, body: '{}' };
      await say(room.id, 'one');
      for (let i = 0; i < 8; i++) {
        await t.outbox.drain();
        t.advance(20_000);
      }
      deepStrictEqual(far.messages, ['one']);
      strictEqual(far.received.length, 5);
      strictEqual(new Set(far.received.map(({ id }) => id)).size, 1, 'the same content has the same id');
    });

    it('is given up when it hangs, and asked less and less often', async () => {
      const room = await t.room(ZOE);
      far.react = () => 'hang';
      await say(room.id, 'one');
      await far.receives(1);
      t.advance(30_000);
      await t.outbox.drain();
      far.react = () => ({ status: 502 });
      const tries: number[] = [];
      for (let second = 0; second < 100; second++) {
        const before = far.received.length;
        t.advance(1_000);
        await t.outbox.drain();
        if (far.received.length > before) tries.push(second);
      }
      ok(tries.length >= 4 && tries.length <= 9, `tried at ${tries}`);
      far.react = () => ({ status: 200, body: '{}' });
      t.advance(3_600_000);
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['one']);
    });

    it('is asked again when it wants to be', async () => {
      const room = await t.room(ZOE);
      far.react = () => ({ status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":8000}' });
      await say(room.id, 'one');
      await t.outbox.drain();
      for (const ms of [7_999, 2_001]) {
        t.advance(ms);
        await t.outbox.drain();
      }
      strictEqual(far.received.length, 2);
      far.react = () => ({ status: 200, body: '{}' });
      t.advance(10_000);
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['one']);
    });

    it('is tried at once when it is heard of', async () => {
      const room = await t.room(ZOE);
      far.react = () => ({ status: 502 });
      await say(room.id, 'one');
      await t.outbox.drain();
      for (let i = 0; i < 6; i++) {
        t.advance(100_000);
        await t.outbox.drain();
      }
      far.react = () => ({ status: 200, body: '{}' });
      t.advance(1_000);
      t.outbox.heard(FAR);
      await far.receives(far.received.length + 1);
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['one']);
    });

    it('does not keep others waiting', async () => {
      const near = await t.server('near.example');
      const room = await t.room(ZOE, '@yves:near.example');
      far.react = () => 'hang';
      await say(room.id, 'one');
      await near.receives(1);
      await say(room.id, 'two');
      await near.receives(2);
      deepStrictEqual(near.messages, ['one', 'two']);
    });

    it('keeps none waiting that do not fail, even if many hang', async () => {
      await t.stop();
      t = await TestOutbox.start(ca, { transactions: 4 });
      const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}.example`);
      const hanging = await Promise.all(names.map((name) => t.server(name)));
      for (const server of hanging) server.react = () => ({ status: 502 });
      const room = await t.room(...names.map((name) => `@user:${name}`));
      await say(room.id, 'one');
      await t.outbox.drain();
      for (const server of hanging) server.react = () => 'hang';
      t.advance(10_000);
      await Promise.race(hanging.map((server) => server.receives(2)));
      far = await t.server(FAR);
      await t.member(room, ZOE, 'join');
      await say(room.id, 'two');
      await far.receives(1);
      deepStrictEqual(far.messages, ['two']);
    });

    it('gets the newest events of each room after a long time', async () => {
      const room = await t.room(ZOE);
      const other = await t.room(ZOE);
      far.react = () => ({ status: 502 });
      await say(room.id, ...numbered(10));
      await say(other.id, 'in the other');
      await t.outbox.drain();
      t.advance(3_600_000);
      await t.outbox.drain();
      await say(room.id, 'more');
      far.react = () => ({ status: 200, body: '{}' });
      t.advance(3_600_000);
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['message 8', 'message 9', 'in the other', 'more']);
    });
  });

  describe('what a server refuses', () => {
    const refusing = (isBad: (text: unknown) => boolean) => {
      far.react = ({ pdus, edus }) => {
        const texts = [...pdus.map(({ content }) => content.body), ...edus.map(({ content }) => content.text)];
        return texts.some(isBad) ? { status: 400, body: '{"errcode":"M_BAD_JSON"}' } : { status: 200, body: '{}' };
      };
    };
    const goOn = async () => {
      for (let i = 0; i < 8; i++) {
        await t.outbox.drain();
        t.advance(60_000);
      }
      await t.outbox.drain();
    };

    it('is left out, and nothing else', async () => {
      const room = await t.room(ZOE);
      refusing((text) => text === 'message 33' || text === 'bad');
      await say(room.id, ...numbered(60));
      await Promise.all(['good', 'bad', 'better'].map((text) => t.toDevice(FAR, text)));
      await goOn();
      deepStrictEqual(
        far.messages,
        numbered(60).filter((text) => text !== 'message 33'),
      );
      const texts = far.accepted.flatMap(({ edus }) => edus.map(({ content }) => content.text));
      deepStrictEqual(texts, ['good', 'better']);
    });

    it('is left out, too, if there is no form in which it could be sent', async () => {
      await t.toDevice(FAR, 'good');
      await t.toDevice(FAR, 'bad \ud800');
      await t.toDevice(FAR, 'better');
      await goOn();
      const texts = far.accepted.flatMap(({ edus }) => edus.map(({ content }) => content.text));
      deepStrictEqual(texts, ['good', 'better']);
    });

    it('waits where the server refuses everything', async () => {
      const room = await t.room(ZOE);
      far.react = () => ({ status: 400, body: '{"errcode":"M_BAD_JSON"}' });
      await say(room.id, ...numbered(5));
      await goOn();
      deepStrictEqual(far.messages, []);
      far.react = () => ({ status: 200, body: '{}' });
      t.advance(3_000_000);
      await t.outbox.drain();
      deepStrictEqual(far.messages, numbered(5));
    });
  });

  describe('after a crash', () => {
    it('goes on where it was, with the same content under the same id', async () => {
      const room = await t.room(ZOE);
      far.react = () => ({ status: 502 });
      await say(room.id, 'one', 'two');
      await t.toDevice(FAR, 'for a device');
      await t.outbox.drain();
      const before = far.received.length;
      t.advance(10_000);
      far.react = () => ({ status: 200, body: '{}' });
      await t.crash();
      await t.outbox.drain();
      t.advance(10_000);
      await far.receives(before + 1);
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['one', 'two']);
      deepStrictEqual(far.accepted.flatMap(({ edus }) => edus).length, 1);
    });

    it('sends what was committed and never begun', async () => {
      const room = await t.room(ZOE);
      await t.outbox.stop();
      await say(room.id, 'one');
      await t.crash();
      await t.outbox.drain();
      deepStrictEqual(far.messages, ['one']);
    });
  });

  describe('forgetting', () => {
    const prune = (edusPerServer = 100) =>
      pruneOutbox(t.rig.storage, t.clock, 'test.example', { edusPerServer, abandonAfter: 86_400_000 });
    /** Positions of the events that a new server would still get. */
    const kept = async () => {
      const wanted = { server: FAR, after: 0, upTo: t.rig.storage.head, limit: 100 };
      return (await t.rig.storage.read((tx) => tx.outbox.dueEvents(wanted))).map(({ position }) => position);
    };
    /** Moves the head away from what happened so far. */
    const moveOn = () => {
      const set = new WriteSet();
      for (let i = 0; i < 10_001; i++) set.nextPosition();
      return t.rig.storage.commit(set);
    };

    it('keeps events until every server has them, and the newest of each room', async () => {
      const room = await t.room(ZOE, '@yves:near.example');
      await t.server('near.example');
      far.react = () => ({ status: 502 });
      const events = await say(room.id, 'one', 'two', 'three');
      await t.outbox.drain();
      await moveOn();
      await prune();
      strictEqual((await kept()).length, 3);
      t.advance(2 * 86_400_000);
      await t.outbox.drain();
      await prune();
      deepStrictEqual(await kept(), [events[2]!.position]);
    });

    it('drops the oldest of too many messages to devices', async () => {
      far.react = () => ({ status: 502 });
      for (const text of numbered(5)) await t.toDevice(FAR, text);
      await t.outbox.drain();
      await prune(2);
      const left = await t.rig.storage.read((tx) => tx.outbox.edus(FAR, 10));
      deepStrictEqual(
        left.map(({ json }) => JSON.parse(json!).text),
        ['message 3', 'message 4'],
      );
    });
  });
});
