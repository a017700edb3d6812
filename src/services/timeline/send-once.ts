import type { Storage } from '../../storage/contract/storage.ts';
import { type Attempt, transactionKey } from '../idempotency.ts';
import type { StoredEvent } from './stored-event.ts';
import type { SendTransaction } from './transaction-writes.ts';

/**
 * Lets an attempt to send an event have its effect once: a retry waits for the first attempt, and one that comes later,
 * be it after a restart, is answered with the first one's event.
 */
export class SendOnce {
  private readonly storage: Storage;
  private readonly pending = new Map<string, Promise<string>>();

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** Answers the event id. `send` hands the transaction on to the timeline, which stores it with the event. */
  run(attempt: Attempt, send: (transaction: SendTransaction) => Promise<StoredEvent>): Promise<string> {
    const key = transactionKey(attempt);
    const name = Buffer.from(key).toString('latin1');
    const first = this.pending.get(name);
    if (first) return first;
    const { userId, deviceId, txnId } = attempt;
    const started = this.answer(key, () => send({ key, userId, deviceId, txnId })).finally(() =>
      this.pending.delete(name),
    );
    this.pending.set(name, started);
    return started;
  }

  private async answer(key: Uint8Array, send: () => Promise<StoredEvent>): Promise<string> {
    const known = await this.storage.read(async (tx) => {
      const row = await tx.events.transaction(key);
      return row?.event_nid == null ? undefined : (await tx.events.byNids([row.event_nid]))[0];
    });
    return known ? known.event_id : (await send()).eventId;
  }
}
