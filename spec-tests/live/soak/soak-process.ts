/**
 * One process of several in the soak: a gateway with its order in the Redis of `REDIS_URL`. Its parent is the durable
 * log: it says who writes and what, and whose clock jumps.
 */
import { RedisOrder } from '../../../src/live/hub/order/redis-order.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { LIVE_DEFAULTS, startLiveServer } from '../gateway/live-server.ts';
import { deletion, message } from '../hub/room-order-suite.ts';

/** What the parent says. */
export type SoakOrder =
  | { readonly say: 'write'; readonly id: string; readonly position: number; readonly deletes: string | undefined }
  | { readonly say: 'jump'; readonly ms: number };

let offset = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset };
const random = systemRandom;
const redis = {
  ...{ url: process.env['REDIS_URL'] ?? '', tlsCa: undefined, keyPrefix: 'soak:', connectMs: 1000, commandMs: 1000 },
};
const order = new RedisOrder({ clock, random, window: LIVE_DEFAULTS.window, redis, onFault: () => undefined });
const server = await startLiveServer({ clock, random, order, tickMs: 50, displayRate: 100_000 });

process.on('message', (said: SoakOrder) => {
  if (said.say === 'jump') {
    offset += said.ms;
    return;
  }
  const { id, position, deletes } = said;
  const entry = deletes === undefined ? message(id, position) : { ...deletion(deletes), position };
  server.writer.offer(entry).then(
    ({ outcome }) => process.send?.({ position, outcome }),
    () => process.send?.({ position, outcome: 'failed' }),
  );
});
process.send?.({ url: server.url, logPosition: server.writer.logPosition });
