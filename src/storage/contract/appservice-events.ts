import type { PositionOffset } from './write-set.ts';

/** An event that an application service is to be told of. */
export interface AppserviceEventRow {
  readonly position: number;
  readonly event_nid: number;
  readonly room_id: string;
}

/** How far an application service has been told. */
export interface AppserviceTransactionRow {
  readonly appservice_id: string;
  /** Number of the last transaction. */
  readonly txn_id: number;
  /** Stream position of its last event; 0 once it was taken. */
  readonly up_to: number;
  /** Failures since one was taken. */
  readonly attempts: number;
  /** Milliseconds. */
  readonly retry_at: number;
}

export interface AppserviceEventStore {
  transaction(appserviceId: string): Promise<AppserviceTransactionRow | undefined>;
  /** The oldest that wait, up to a stream position. */
  waiting(appserviceId: string, upTo: number, limit: number): Promise<AppserviceEventRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'appservice_events.insert': { appservice_id: string; position: PositionOffset; event_nid: number };
    'appservice_events.deleteUpTo': { appservice_id: string; position: number };
    /** Forgets the oldest, so that so many stay. */
    'appservice_events.trim': { appservice_id: string; keep: number };
    'appservice_transactions.put': AppserviceTransactionRow;
  }
}
