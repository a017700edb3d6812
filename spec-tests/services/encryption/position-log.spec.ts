import assert from 'node:assert/strict';
import { PositionLog } from '../../../src/services/encryption/position-log.ts';

const positions = (log: PositionLog<{ position: number }>, after: number, upTo: number) =>
  log.between(after, upTo)?.map((entry) => entry.position);

describe('PositionLog', () => {
  it('answers what happened between two positions, newest first', () => {
    const log = new PositionLog<{ position: number }>(10, 100);
    for (const position of [11, 13, 13, 17]) log.push({ position });
    assert.deepEqual(positions(log, 10, 20), [17, 13, 13, 11]);
    assert.deepEqual(positions(log, 11, 13), [13, 13]);
    assert.deepEqual(positions(log, 17, 20), []);
  });

  it('does not know what happened before it began', () => {
    const log = new PositionLog<{ position: number }>(10, 100);
    assert.equal(positions(log, 9, 20), undefined);
    assert.deepEqual(positions(log, 10, 20), []);
  });

  it('drops the oldest quarter when it is full, and knows that it did', () => {
    const log = new PositionLog<{ position: number }>(0, 8);
    for (let position = 1; position <= 9; position++) log.push({ position });
    assert.equal(log.floor, 2);
    assert.equal(positions(log, 1, 9), undefined);
    assert.deepEqual(positions(log, 2, 9), [9, 8, 7, 6, 5, 4, 3]);
  });
});
