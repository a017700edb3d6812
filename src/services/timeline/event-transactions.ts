import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { StoredEvent } from './stored-event.ts';

/** Finds the transactions that made events, for the device that sees its own ids in `unsigned`. */
export class EventTransactions {
  private readonly storage: Storage;
  private readonly clock: Clock;
  private readonly windowMs: number;

  /** @param windowMs how long transactions are remembered */
  constructor(storage: Storage, clock: Clock, windowMs: number) {
    this.storage = storage;
    this.clock = clock;
    this.windowMs = windowMs;
  }

  /** Looks up those of the user's own recent events; an event is looked up once as long as it is in memory. */
  async lookUp(events: Iterable<StoredEvent>, userId: string): Promise<void> {
    const unknown = new Map<number, StoredEvent>();
    const oldest = this.clock.now() - this.windowMs;
    for (const event of events) {
      if (event.sender === userId && event.transaction === undefined && event.originServerTs >= oldest) {
        unknown.set(event.nid, event);
      }
    }
    if (unknown.size === 0) return;
    const rows = await this.storage.read((tx) => tx.events.transactionsOf([...unknown.keys()]));
    for (const row of rows) {
      const event = row.event_nid === null ? undefined : unknown.get(row.event_nid);
      if (event) event.transaction = { userId, deviceId: row.device_id, txnId: row.txn_id };
    }
    for (const event of unknown.values()) event.transaction ??= null;
  }
}
