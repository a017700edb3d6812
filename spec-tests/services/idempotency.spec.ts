import assert from 'node:assert/strict';
import { type Attempt, transactionKey } from '../../src/services/idempotency.ts';

const attempt: Attempt = {
  userId: '@a:test.example',
  deviceId: 'D',
  operation: 'sendMessage',
  params: ['!r', 'm.room.message'],
  txnId: '1',
};

describe('transactionKey', () => {
  it('is the same 16 bytes for a retry', () => {
    assert.equal(transactionKey(attempt).length, 16);
    assert.deepEqual(transactionKey(attempt), transactionKey({ ...attempt }));
  });

  for (const [part, other] of Object.entries({
    userId: '@b:test.example',
    deviceId: 'E',
    operation: 'redactEvent',
    params: ['!r', 'm.room.member'],
    txnId: '2',
  })) {
    it(`differs by ${part}`, () => {
      assert.notDeepEqual(transactionKey({ ...attempt, [part]: other }), transactionKey(attempt));
    });
  }

  it('keeps neighbouring parts apart', () => {
    const left = transactionKey({ ...attempt, params: ['a', 'b,c'], txnId: '1' });
    assert.notDeepEqual(left, transactionKey({ ...attempt, params: ['a,b', 'c'], txnId: '1' }));
  });
});
