/**
 * Takes out of the room what another server has sent into it though it was refused here: servers that ask no policy
 * server show it to their users until they are told.
 */
import { MatrixError } from '../../protocol/errors.ts';
import type { EventSender } from '../../services/rooms/event-sender.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { TokenBuckets } from '../../util/token-buckets.ts';
import type { LiveRoom } from './live-rooms.ts';

export interface RefusedEventsParts {
  readonly eventSender: Pick<EventSender, 'redact'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceUser: string;
  /** Events of a room that are taken out a second: more would be a flood of its own. */
  readonly perSecond: number;
  onFault(error: unknown): void;
}

const BURST_SECONDS = 10;

export class RefusedEvents {
  readonly #parts: RefusedEventsParts;
  readonly #buckets: TokenBuckets;

  constructor(parts: RefusedEventsParts) {
    this.#parts = parts;
    const { perSecond } = parts;
    this.#buckets = new TokenBuckets({ perSecond, burst: perSecond * BURST_SECONDS }, parts.clock);
  }

  takeOut({ roomId }: LiveRoom, eventId: string): void {
    const { eventSender, random, serviceUser: userId, onFault } = this.#parts;
    if (this.#buckets.take(roomId) > 0) return;
    const sender = { userId, deviceId: 'live', isGuest: false };
    eventSender.redact(sender, roomId, eventId, random.token(16)).catch((error: unknown) => {
      // Nobody else may have it, so that there is nothing to take out.
      if (!(error instanceof MatrixError)) onFault(error);
    });
  }
}
