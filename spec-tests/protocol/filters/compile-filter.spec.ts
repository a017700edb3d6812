import assert from 'node:assert/strict';
import {
  compileEventFilter,
  compileRoomChoice,
  eventLimit,
  passesNothing,
} from '../../../src/protocol/filters/compile-filter.ts';
import type { RoomEventFilter } from '../../../src/protocol/filters/filter.ts';

const A = '@a:a.test';
const B = '@b:b.test';

type Row = [filter: RoomEventFilter | undefined, type: string, sender: string, hasUrl: boolean, passes: boolean];

const ROWS: Row[] = [
  [undefined, 'm.room.message', A, false, true],
  [{}, 'm.room.message', A, false, true],
  [{ types: ['m.room.message'] }, 'm.room.message', A, false, true],
  [{ types: ['m.room.message'] }, 'm.room.member', A, false, false],
  [{ types: ['m.room.*'] }, 'm.room.member', A, false, true],
  [{ types: ['m.room.*'] }, 'm.reaction', A, false, false],
  [{ types: ['*'] }, 'm.reaction', A, false, true],
  [{ types: ['m.*.member'] }, 'm.room.member', A, false, true],
  [{ types: ['m.room.membe?'] }, 'm.room.member', A, false, false],
  [{ types: ['a?*'] }, 'a?b', A, false, true],
  [{ types: ['a?*'] }, 'abb', A, false, false],
  [{ types: [] }, 'm.reaction', A, false, false],
  [{ not_types: ['m.reaction'] }, 'm.reaction', A, false, false],
  [{ not_types: ['m.reaction'] }, 'm.room.message', A, false, true],
  [{ not_types: [] }, 'm.room.message', A, false, true],
  [{ types: ['m.*'], not_types: ['m.room.*'] }, 'm.room.message', A, false, false],
  [{ types: ['m.*'], not_types: ['m.room.*'] }, 'm.reaction', A, false, true],
  [{ senders: [A] }, 'm.reaction', A, false, true],
  [{ senders: [A] }, 'm.reaction', B, false, false],
  [{ senders: [A], not_senders: [A] }, 'm.reaction', A, false, false],
  [{ not_senders: [A] }, 'm.reaction', B, false, true],
  [{ senders: ['@*:a.test'] }, 'm.reaction', A, false, false],
  [{ contains_url: true }, 'm.room.message', A, true, true],
  [{ contains_url: true }, 'm.room.message', A, false, false],
  [{ contains_url: false }, 'm.room.message', A, true, false],
  [{ contains_url: false }, 'm.room.message', A, false, true],
];

describe('event filter', () => {
  for (const [filter, type, sender, hasUrl, passes] of ROWS) {
    const event = `${type} of ${sender}${hasUrl ? ' with url' : ''}`;
    it(`${passes ? 'lets pass' : 'holds back'} ${event} by ${JSON.stringify(filter ?? 'no filter')}`, () => {
      assert.equal(compileEventFilter(filter)(type, sender, hasUrl), passes);
    });
  }

  it('chooses rooms, excluded ones even if they are included', () => {
    const chosen = compileRoomChoice({ rooms: ['!a:a.test', '!b:a.test'], not_rooms: ['!b:a.test'] });
    assert.deepEqual(['!a:a.test', '!b:a.test', '!c:a.test'].map(chosen), [true, false, false]);
    assert.equal(compileRoomChoice(undefined)('!a:a.test'), true);
  });

  it('tells when nothing can pass', () => {
    const nothing: RoomEventFilter[] = [
      { limit: 0 },
      { types: [] },
      { senders: [] },
      { rooms: [] },
      { not_types: ['*'] },
    ];
    for (const filter of nothing) assert.equal(passesNothing(filter), true, JSON.stringify(filter));
    for (const filter of [undefined, {}, { types: ['a'] }]) assert.equal(passesNothing(filter), false);
  });

  it('limits to 10 events where it does not say, and never to more than the most', () => {
    assert.deepEqual(
      [eventLimit(undefined, 100), eventLimit({ limit: 500 }, 100), eventLimit({ limit: 3 }, 100)],
      [10, 100, 3],
    );
  });
});
