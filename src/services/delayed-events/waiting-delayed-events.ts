import { unknown } from '../../protocol/errors.ts';
import type { DelayedEventRow } from '../../storage/contract/delayed-events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { FinalisedDelayedEvents } from './finalised-delayed-events.ts';

export interface WaitingDelayedEventsParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly finalised: FinalisedDelayedEvents;
}

/** Delayed events that wait: those whose state somebody else has set since are found to be cancelled when looked at. */
export class WaitingDelayedEvents {
  readonly #parts: WaitingDelayedEventsParts;

  constructor(parts: WaitingDelayedEventsParts) {
    this.#parts = parts;
  }

  /** Undefined if it does not wait. */
  async find(delayId: string): Promise<DelayedEventRow | undefined> {
    const row = await this.#parts.storage.read((tx) => tx.delayedEvents.byId(delayId));
    return row && (await this.#isWaiting(row)) ? row : undefined;
  }

  /** Those of a user, the first to be sent first. */
  async ofUser(userId: string, limit: number): Promise<DelayedEventRow[]> {
    const waiting: DelayedEventRow[] = [];
    for (const row of await this.#parts.storage.read((tx) => tx.delayedEvents.ofUser(userId, limit))) {
      if (await this.#isWaiting(row)) waiting.push(row);
    }
    return waiting;
  }

  async #isWaiting(row: DelayedEventRow): Promise<boolean> {
    if (row.state_key === null) return true;
    const { rooms, finalised } = this.#parts;
    const room = await rooms.get(row.room_id);
    const present = room?.stateEvent(row.type, row.state_key);
    if (!present || present.sender === row.user_id || present.position <= row.scheduled_at) return true;
    await finalised.add(row, { error: unknown('Somebody else has set this state meanwhile') });
    return false;
  }
}
