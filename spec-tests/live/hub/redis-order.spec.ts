import { RedisOrder } from '../../../src/live/hub/order/redis-order.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { TestClock } from '../../support/test-clock.ts';
import { batch, describeRoomOrder, message, SUITE_WINDOW } from './room-order-suite.ts';

describe('with a Redis', function () {
  this.timeout(20_000);
  let server: RedisServer;
  before(async function () {
    server = await RedisServer.start(needs(this, redis));
  });
  after(() => server?.remove());

  describeRoomOrder('in Redis', async () => {
    const clock = new TestClock();
    const faults: unknown[] = [];
    const order = new RedisOrder({
      ...{ clock, random: systemRandom, window: SUITE_WINDOW, onFault: (error: unknown) => faults.push(error) },
      redis: {
        url: server.url,
        tlsCa: undefined,
        keyPrefix: `${systemRandom.token(8)}:`,
        connectMs: 2000,
        commandMs: 2000,
      },
    });
    return {
      order,
      advance: async (ms) => clock.advance(ms),
      // Rooms are told in the order in which things happen: once a probe is told of, so is what went before.
      async settle() {
        const { fence } = await order.takeOver('!probe');
        const told = new Promise<void>((resolve) => {
          void order
            .follow('!probe', () => resolve())
            .then(() => order.append('!probe', fence, batch(message('probe'))));
        });
        await told;
      },
      async close() {
        await order.close();
        if (faults.length > 0) throw new AggregateError(faults);
      },
    };
  });
});
