import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { EventTransaction, StoredEvent } from './stored-event.ts';

/** The request that an event is sent by, with the key under which a retry of it finds the event. */
export type SendTransaction = EventTransaction & { readonly key: Uint8Array };

/**
 * Stores, in the write set of a new event, the transaction that made it: a retry after a crash must find both or neither.
 * @param now milliseconds
 */
export function addTransaction(
  set: WriteSet,
  event: StoredEvent,
  transaction: SendTransaction | undefined,
  now: number,
): void {
  // Without the key, which nothing reads again.
  event.transaction = transaction
    ? { userId: transaction.userId, deviceId: transaction.deviceId, txnId: transaction.txnId }
    : null;
  if (transaction) answerWith(set, event, transaction, now);
}

/** Lets retries of the transaction be answered with an event that another one may have made. */
export function answerWith(set: WriteSet, event: StoredEvent, transaction: SendTransaction, now: number): void {
  set.add('transactions.insert', {
    transaction_key: transaction.key,
    device_id: transaction.deviceId,
    txn_id: transaction.txnId,
    event_nid: event.nid,
    response: null,
    created_at: now,
  });
}
