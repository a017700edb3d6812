/** What every implementation of the order of live rooms does; run for each of them. */
import assert from 'node:assert/strict';
import type { Entry } from '../../../src/live/hub/entry.ts';
import type { Batch, PublishedBatch, RoomOrder } from '../../../src/live/hub/order/room-order.ts';

export interface OrderUnderTest {
  readonly order: RoomOrder;
  /** Lets time pass. */
  advance(ms: number): Promise<void>;
  /** Resolves when followers have been told of all that was appended. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export const SUITE_WINDOW = { maxAgeMs: 120_000, maxEntries: 50 };

export function message(id: string, position?: number): Entry {
  const place = position === undefined ? {} : { position };
  return { kind: 'm', eventId: `$${id}`, userId: '@zed:s', fields: `{"id":"$${id}","tx":"text ${id}"}`, ...place };
}

export function deletion(id: string): Entry {
  return { kind: 'd', fields: `{"id":"$${id}"}`, buries: { eventId: `$${id}` }, isUrgent: true };
}

let batches = 0;

/** A batch of its own name. */
export function batch(...entries: Entry[]): Batch {
  batches += 1;
  return { id: String(batches), entries, skipped: 0, logPosition: undefined };
}

/** Defines the suite; `open` makes an order with {@link SUITE_WINDOW}. */
export function describeRoomOrder(name: string, open: () => Promise<OrderUnderTest>): void {
  describe(`the order of live rooms ${name}`, () => {
    let under: OrderUnderTest;
    let order: RoomOrder;
    beforeEach(async () => {
      under = await open();
      order = under.order;
    });
    afterEach(() => under.close());

    it('numbers what is appended, from 1 and without a gap', async () => {
      const { fence, end } = await order.takeOver('!a');
      assert.equal(end.seq, 0);
      assert.deepEqual(await order.append('!a', fence, batch(message('1'), message('2'))), {
        numbers: [1, 2],
        epoch: end.epoch,
      });
      assert.deepEqual(await order.append('!a', fence, batch(message('3'))), { numbers: [3], epoch: end.epoch });
      const { entries } = await order.read('!a', undefined);
      assert.deepEqual(
        entries.map(({ seq, eventId }) => [seq, eventId]),
        [
          [1, '$1'],
          [2, '$2'],
          [3, '$3'],
        ],
      );
    });

    it('keeps rooms apart', async () => {
      const a = await order.takeOver('!a');
      const b = await order.takeOver('!b');
      await order.append('!a', a.fence, batch(message('1')));
      await order.append('!b', b.fence, batch(message('2')));
      assert.deepEqual(
        (await order.read('!b', undefined)).entries.map(({ eventId }) => eventId),
        ['$2'],
      );
      assert.notEqual(a.end.epoch, b.end.epoch);
    });

    it('refuses what has a place in the log that was reached before', async () => {
      const { fence } = await order.takeOver('!a');
      await order.append('!a', fence, { ...batch(message('1', 7)), logPosition: 9 });
      const again = await order.append('!a', fence, batch(message('1', 7), message('2', 9), message('3', 10)));
      assert.deepEqual(again, {
        numbers: [undefined, undefined, 2],
        epoch: (await order.read('!a', undefined)).end.epoch,
      });
      assert.equal((await order.takeOver('!a')).logPosition, 10);
    });

    it('takes a batch once, though it is appended again', async () => {
      const { fence, end } = await order.takeOver('!a');
      await order.append('!a', fence, batch(message('1')));
      const twice = batch(message('2'), message('3'));
      const appended = await order.append('!a', fence, twice);
      assert.deepEqual(await order.append('!a', fence, twice), appended);
      assert.deepEqual((await order.read('!a', undefined)).end, { ...end, seq: 3 });
    });

    it('takes nothing from a writer whom another has followed', async () => {
      const first = await order.takeOver('!a');
      await order.append('!a', first.fence, batch(message('1')));
      const second = await order.takeOver('!a');
      assert.deepEqual(second.end, { epoch: first.end.epoch, seq: 1 });
      assert.equal(await order.append('!a', first.fence, batch(message('2'))), 'superseded');
      assert.deepEqual((await order.append('!a', second.fence, batch(message('2')))) as unknown, {
        numbers: [2],
        epoch: first.end.epoch,
      });
    });

    it('tells what came behind a place', async () => {
      const { fence, end } = await order.takeOver('!a');
      await order.append('!a', fence, batch(message('1'), message('2'), message('3')));
      const excerpt = await order.read('!a', { epoch: end.epoch, seq: 1 });
      assert.equal(excerpt.isComplete, true);
      assert.deepEqual(
        excerpt.entries.map(({ seq }) => seq),
        [2, 3],
      );
      assert.deepEqual((await order.read('!a', { epoch: end.epoch, seq: 3 })).entries, []);
    });

    it('says so where it cannot tell all that came behind a place', async () => {
      const { fence, end } = await order.takeOver('!a');
      await order.append('!a', fence, batch(...Array.from({ length: 60 }, (_, n) => message(String(n)))));
      assert.equal((await order.read('!a', { epoch: end.epoch, seq: 10 })).isComplete, true);
      const tooOld = await order.read('!a', { epoch: end.epoch, seq: 9 });
      assert.equal(tooOld.isComplete, false);
      assert.equal(tooOld.entries.length, 50);
      for (const from of [
        { epoch: end.epoch, seq: 61 },
        { epoch: 'another', seq: 60 },
      ]) {
        assert.equal((await order.read('!a', from)).isComplete, false);
      }
    });

    it('lets go of what is older than the window', async () => {
      const { fence, end } = await order.takeOver('!a');
      await order.append('!a', fence, batch(message('1')));
      await under.advance(120_001);
      await order.append('!a', fence, batch(message('2')));
      assert.equal((await order.read('!a', { epoch: end.epoch, seq: 0 })).isComplete, false);
      assert.deepEqual(
        (await order.read('!a', { epoch: end.epoch, seq: 1 })).entries.map(({ seq }) => seq),
        [2],
      );
    });

    it('keeps nothing of what was deleted but its number', async () => {
      const { fence } = await order.takeOver('!a');
      await order.append('!a', fence, batch(message('1'), message('2')));
      await order.append('!a', fence, batch(deletion('1')));
      const { entries } = await order.read('!a', undefined);
      assert.deepEqual(
        entries.map(({ seq, kind, eventId }) => [seq, kind, eventId]),
        [
          [1, 'tb', undefined],
          [2, 'm', '$2'],
          [3, 'd', undefined],
        ],
      );
      assert.equal(JSON.stringify(entries).includes('text 1'), false);
    });

    it('keeps nothing of whoever was cleared, and nothing where all was', async () => {
      const { fence } = await order.takeOver('!a');
      const other = { ...message('2'), userId: '@other:s' };
      const clearUser: Entry = { kind: 'cu', fields: '{"u":"@zed:s"}', buries: { userId: '@zed:s' } };
      await order.append('!a', fence, batch(message('1'), other, clearUser, message('3')));
      const kinds = async () => (await order.read('!a', undefined)).entries.map(({ kind }) => kind);
      assert.deepEqual(await kinds(), ['tb', 'm', 'cu', 'm']);
      await order.append('!a', fence, batch({ kind: 'ca', fields: '{}', buries: 'all' }));
      assert.deepEqual(await kinds(), ['tb', 'tb', 'cu', 'tb', 'ca']);
    });

    it('tells followers of every batch in order, and of what was left out', async () => {
      const { fence, end } = await order.takeOver('!a');
      const told: PublishedBatch[] = [];
      const unfollow = await order.follow('!a', (published) => told.push(published));
      await order.append('!a', fence, { ...batch(message('1'), message('2')), skipped: 3 });
      await order.append('!a', fence, batch(message('3')));
      await under.settle();
      unfollow();
      await order.append('!a', fence, batch(message('4')));
      await under.settle();
      assert.deepEqual(
        told.map(({ epoch, entries, skipped }) => [epoch, entries.map(({ seq }) => seq), skipped]),
        [
          [end.epoch, [1, 2], 3],
          [end.epoch, [3], 0],
        ],
      );
    });

    it('begins a new epoch for a room that it has forgotten', async () => {
      const before = await order.takeOver('!a');
      await order.append('!a', before.fence, batch(message('1')));
      await order.forget('!a');
      assert.equal(await order.append('!a', before.fence, batch(message('2'))), 'superseded');
      const after = await order.takeOver('!a');
      assert.equal(await order.append('!a', before.fence, batch(message('2'))), 'superseded');
      assert.notEqual(after.end.epoch, before.end.epoch);
      assert.equal((await order.read('!a', { ...before.end, seq: 1 })).isComplete, false);
    });
  });
}
