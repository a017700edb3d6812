import assert from 'node:assert/strict';
import { isBetter } from '../../../src/services/encryption/backed-up-keys.ts';

type Key = [isVerified: boolean, firstMessageIndex: number, forwardedCount: number];

const cases: [title: string, offered: Key, existing: Key, better: boolean][] = [
  ['a verified key over an unverified one', [true, 9, 9], [false, 0, 0], true],
  ['no unverified key over a verified one', [false, 0, 0], [true, 9, 9], false],
  ['an earlier first message', [false, 1, 9], [false, 2, 0], true],
  ['no later first message', [false, 2, 0], [false, 1, 9], false],
  ['fewer forwards', [true, 1, 1], [true, 1, 2], true],
  ['not more forwards', [true, 1, 2], [true, 1, 1], false],
  ['not an equal key', [true, 1, 1], [true, 1, 1], false],
];

describe('isBetter', () => {
  for (const [
    title,
    [is_verified, first_message_index, forwarded_count],
    [verified, first, forwarded],
    better,
  ] of cases) {
    it(`prefers ${title}`, () => {
      const existing = {
        user_id: '@a:x',
        version: 1,
        room_id: '!r',
        session_id: 's',
        first_message_index: first,
        forwarded_count: forwarded,
        is_verified: verified ? 1 : 0,
        session_data: '{}',
      };
      const offered = { is_verified, first_message_index, forwarded_count, session_data: {} };
      assert.equal(isBetter(offered, existing), better);
    });
  }
});
