import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import { TestClock } from '../../support/test-clock.ts';
import { describeRoomOrder, SUITE_WINDOW } from './room-order-suite.ts';
import { seededRandom } from './seeded-random.ts';

describeRoomOrder('in memory', async () => {
  const clock = new TestClock();
  return {
    order: new MemoryOrder({ clock, random: seededRandom(1), window: SUITE_WINDOW }),
    advance: async (ms) => clock.advance(ms),
    settle: async () => undefined,
    close: async () => undefined,
  };
});
