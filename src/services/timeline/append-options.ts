import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { StoredEvent } from './stored-event.ts';
import type { SendTransaction } from './transaction-writes.ts';

/** Events that were decided on, and the promise of their being durable. */
export interface Appended {
  readonly events: readonly StoredEvent[];
  readonly done: Promise<void>;
}

export interface AppendOptions {
  /** Idempotency of the sender's request, stored with the (one) event. */
  readonly transaction?: SendTransaction | undefined;
  /** A set that the events' writes join. */
  readonly set?: WriteSet;
  /** Whether the gates have let the events in already. */
  readonly isAdmitted?: boolean;
}

export interface AppendSignedOptions {
  /** The server that made the event, if this one sends it to the others of the room. */
  readonly relayedFrom?: string;
  /** Whether gates and policy server have let it in already. */
  readonly isAdmitted?: boolean;
  /** As {@link AppendOptions.transaction}. */
  readonly transaction?: SendTransaction | undefined;
  /** As {@link AppendOptions.set}. */
  readonly set?: WriteSet | undefined;
}
