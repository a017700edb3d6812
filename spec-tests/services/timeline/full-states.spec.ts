import { strictEqual } from 'node:assert/strict';
import { NoticeBoard } from '../../../src/services/events.ts';
import { FullStates } from '../../../src/services/timeline/partial-state/full-states.ts';
import type { RoomCache } from '../../../src/services/timeline/room-cache.ts';
import { TestClock } from '../../support/test-clock.ts';

describe('Those who wait for all of the state of a room', () => {
  it('wait no longer than they have time, nor than is configured', async () => {
    const clock = new TestClock();
    const notices = new NoticeBoard();
    const rooms = { peek: () => ({ partial: {} }) } as unknown as RoomCache;
    const states = new FullStates({ rooms, notices, clock, settings: { fullStateWait: 1_000 } });
    const ended = async (waiting: Promise<boolean>, after: number) => {
      await Promise.resolve();
      const before = clock.pending;
      clock.advance(after);
      const answer = await waiting;
      return before > 0 && clock.pending === 0 ? answer : undefined;
    };
    strictEqual(await states.arrive('!r', 0), false);
    strictEqual(await states.arrive('!r', -5), false);
    strictEqual(await ended(states.arrive('!r', 300), 300), false);
    strictEqual(await ended(states.arrive('!r', 5_000), 1_000), false);
    strictEqual(await ended(states.arrive('!r'), 1_000), false);
    const waiting = states.arrive('!r', 300);
    await Promise.resolve();
    notices.publish('roomFull', { roomId: '!r', position: 1 });
    strictEqual(await waiting, true);
  });
});
