/** Where the order of live rooms is kept: in memory, or in the Redis of the configuration. No logic. */
import type { Clock } from '../util/clock.ts';
import type { Random } from '../util/random.ts';
import { MemoryOrder } from './hub/order/memory-order.ts';
import { RedisOrder } from './hub/order/redis-order.ts';
import type { RoomOrder } from './hub/order/room-order.ts';
import type { WindowLimits } from './hub/window.ts';

/** The section `redis` of the configuration. */
export interface RedisOptions {
  readonly url?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly keyPrefix: string;
  readonly connectTimeout: number;
  readonly commandTimeout: number;
}

export interface OrderParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly window: WindowLimits;
  onFault(error: unknown): void;
}

export function composeOrder(options: RedisOptions, parts: OrderParts): { order: RoomOrder; close(): Promise<void> } {
  const { url, tlsCa, keyPrefix, connectTimeout: connectMs, commandTimeout: commandMs } = options;
  if (url === undefined) return { order: new MemoryOrder(parts), close: async () => undefined };
  const order = new RedisOrder({ ...parts, redis: { url, tlsCa, keyPrefix, connectMs, commandMs } });
  return { order, close: () => order.close() };
}
