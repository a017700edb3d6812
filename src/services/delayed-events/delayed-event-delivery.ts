import { MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { DelayedEventRow } from '../../storage/contract/delayed-events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { KeyedTurns } from '../../util/keyed-turns.ts';
import type { Logger } from '../../util/logger.ts';
import type { EventSender } from '../rooms/event-sender.ts';
import type { FinalisedDelayedEvents } from './finalised-delayed-events.ts';
import type { WaitingDelayedEvents } from './waiting-delayed-events.ts';

export interface DelayedEventDeliveryParts {
  readonly storage: Storage;
  readonly eventSender: EventSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly waiting: WaitingDelayedEvents;
  readonly finalised: FinalisedDelayedEvents;
  /** By their ids. */
  readonly turns: KeyedTurns;
}

/** Events looked at together when many are due. */
const AT_ONCE = 50;
/** After something went wrong that may pass; longer if whoever refused the event says so. */
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Sends delayed events when their time has come. What a room does not let in now and may later waits there, not what is behind it. */
export class DelayedEventDelivery {
  readonly #parts: DelayedEventDeliveryParts;

  constructor(parts: DelayedEventDeliveryParts) {
    this.#parts = parts;
  }

  /** Sends what is due, until it is stopped; answers when the next will be. */
  async sendDue(isStopped: () => boolean): Promise<number | undefined> {
    const { storage, clock, logger } = this.#parts;
    while (!isStopped()) {
      const now = clock.now();
      const rows = await storage.read((tx) => tx.delayedEvents.due(now, AT_ONCE));
      if (rows.length === 0) break;
      // Those of a room go in their order, each room by itself.
      const byRoom = new Map<string, DelayedEventRow[]>();
      for (const row of rows) {
        const ofRoom = byRoom.get(row.room_id);
        if (ofRoom) ofRoom.push(row);
        else byRoom.set(row.room_id, [row]);
      }
      const results = await Promise.allSettled([...byRoom.values()].map((due) => this.#sendInOrder(due)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      logger.debug({ due: rows.length }, 'delayed events were sent');
    }
    return storage.read((tx) => tx.delayedEvents.nextTime());
  }

  /** The delay's id is the transaction's, so that the event is sent once even if that is cut short. */
  async deliver(row: DelayedEventRow): Promise<void> {
    const { eventSender, finalised } = this.#parts;
    const sender = {
      userId: row.user_id,
      isGuest: row.is_guest === 1,
      deviceId: row.device_id ?? undefined,
      appserviceId: row.appservice_id ?? undefined,
    };
    const content = JSON.parse(row.content) as JsonObject;
    const { room_id: roomId, type, state_key: stateKey, delay_id: delayId } = row;
    const options = { originServerTs: row.origin_server_ts ?? undefined, delayId };
    const eventId =
      stateKey === null
        ? await eventSender.sendMessage(sender, roomId, type, delayId, content, options)
        : await eventSender.setState(sender, roomId, type, stateKey, content, options);
    await finalised.add(row, { eventId });
  }

  /** Those of one room that are due. */
  async #sendInOrder(due: readonly DelayedEventRow[]): Promise<void> {
    for (const [i, { delay_id: delayId, room_id: roomId }] of due.entries()) {
      try {
        await this.#sendIfDue(delayId);
      } catch (err) {
        this.#parts.logger.warn({ err, roomId }, 'delayed events of a room could not be sent and will be tried again');
        await this.#postpone(due.slice(i), err);
        return;
      }
    }
  }

  #sendIfDue(delayId: string): Promise<void> {
    const { clock, logger, turns, waiting, finalised } = this.#parts;
    return turns.run(delayId, async () => {
      // It may have been cancelled or restarted meanwhile.
      const row = await waiting.find(delayId);
      if (!row || row.send_at > clock.now()) return;
      try {
        await this.deliver(row);
      } catch (error) {
        if (!isFinal(error)) throw error;
        const { room_id: roomId, type } = row;
        logger.info({ roomId, type, reason: error.message }, 'a delayed event was refused');
        await finalised.add(row, { error });
      }
    });
  }

  /** They keep their order, which is that of the ends of their delays. */
  async #postpone(due: readonly DelayedEventRow[], error: unknown): Promise<void> {
    const { storage, clock } = this.#parts;
    const asked = error instanceof MatrixError ? error.extra?.['retry_after_ms'] : undefined;
    const wait = Math.min(Math.max(RETRY_MS, typeof asked === 'number' ? asked : 0), LONGEST_RETRY_MS);
    const at = clock.now() + wait;
    const set = new WriteSet();
    for (const { delay_id, send_at } of due)
      set.add('delayed_events.postpone', { delay_id, from: send_at, send_at: at });
    await storage.commit(set);
  }
}

/** Whether there is no use in trying again. */
function isFinal(error: unknown): error is MatrixError {
  return error instanceof MatrixError && error.status < 500 && error.status !== 429;
}
