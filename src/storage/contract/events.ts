import type { PositionOffset } from './write-set.ts';

/** What became of an event. Only timeline events have a stream position. */
export const EventKind = { timeline: 0, outlier: 1, rejected: 2, softFailed: 3, backfilled: 4 } as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** An event as it is stored. */
export interface EventRow {
  readonly event_nid: number;
  readonly event_id: string;
  readonly room_nid: number;
  readonly type: string;
  readonly state_key: string | null;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly depth: number;
  readonly kind: EventKind;
  readonly stream_position: number | null;
  readonly chunk: number;
  readonly chunk_index: number | null;
  /** The layer that holds the state after the event. */
  readonly state_layer: number | null;
  /** The layer that holds the state before it, for a state event; null where it is the same, or there was none. */
  readonly state_before: number | null;
  readonly thread_root: string | null;
  /** Under the default push rules: 0 silent, 1 notifies, 2 highlights for everybody. */
  readonly notify: number;
  readonly notify_main: number;
  readonly redacted_by: string | null;
  /** What every client sees in `unsigned`: members of a JSON object, without braces. */
  readonly unsigned: string | null;
  /** The PDU. */
  readonly json: string;
}

/** A new event of the live timeline: its position and page index are assigned by the commit. */
export type NewEventRow = Omit<EventRow, 'stream_position' | 'chunk_index' | 'redacted_by'> & {
  readonly stream_position: PositionOffset | null;
  readonly chunk_index: PositionOffset | null;
};

/** An event from before those of a chunk: it has a place in the pages, and none in the stream. */
export type OldEventRow = Omit<EventRow, 'stream_position' | 'redacted_by'>;

/** A place between two events of a room's pages: after `index` in `chunk`. */
export interface PagePoint {
  readonly chunk: number;
  readonly index: number;
}

export interface EventStore {
  byId(eventId: string): Promise<EventRow | undefined>;
  byIds(eventIds: readonly string[]): Promise<EventRow[]>;
  byNids(nids: readonly number[]): Promise<EventRow[]>;
  /** Whether the room has redactions of events that have not come. */
  awaitsRedacted(roomNid: number): Promise<boolean>;
  /** Numbers of the redactions of an event that had not come. */
  redactionsOf(roomNid: number, eventId: string): Promise<number[]>;
  /** State events of a room whose numbers are greater than `after`, by their numbers: whatever came of them. */
  stateEvents(roomNid: number, after: number, limit: number): Promise<EventRow[]>;
  /** The numbers of those of the events that are of the room. */
  nidsByIds(roomNid: number, eventIds: readonly string[]): Promise<{ event_id: string; event_nid: number }[]>;
  /** The least page index in a chunk; undefined if there is none. */
  firstIndex(roomNid: number, chunk: number): Promise<number | undefined>;
  /** Timeline events with `after` < position ≤ `upTo`, the newest `limit` of them, newest first. */
  timelineBackwards(roomNid: number, after: number, upTo: number, limit: number): Promise<EventRow[]>;
  /** Numbers of the events of the pages before `point` (with it included), newest first. */
  pageBackwards(roomNid: number, point: PagePoint, limit: number): Promise<number[]>;
  /** Numbers of the events of the pages after `point`, oldest first. */
  pageForwards(roomNid: number, point: PagePoint, limit: number): Promise<number[]>;
  /** The newest timeline event at or before a stream position. */
  atOrBefore(roomNid: number, position: number): Promise<EventRow | undefined>;
  /** The newest event of a thread at or before a stream position. */
  threadAtOrBefore(roomNid: number, threadRoot: string, position: number): Promise<EventRow | undefined>;
  /** Who relates how to which of `eventIds`, each once. */
  relationSenders(
    roomNid: number,
    eventIds: readonly string[],
  ): Promise<{ relates_to: string; rel_type: string; sender: string }[]>;
  /** A user's reactions of one type of event to another event, those not redacted. */
  annotationsBy(roomNid: number, eventId: string, sender: string, type: string): Promise<EventRow[]>;
  /** Thread roots of a room whose latest event is not after `upTo`, with the place of that event, newest first. */
  threads(
    roomNid: number,
    upTo: PagePoint,
    limit: number,
  ): Promise<{ thread_root: string; chunk: number; chunk_index: number }[]>;
  /**
   * What concerns one user in a room after a stream position and was not redacted, oldest first, `limit` at most;
   * `notify_all` is what the event means for everybody.
   */
  notificationsOf(
    userId: string,
    roomNid: number,
    after: number,
    limit: number,
  ): Promise<(EventNotificationRow & { readonly notify_all: number; readonly sender: string })[]>;
  /**
   * What a count of unread events cannot take from the counter of the main timeline alone: events after a stream
   * position that are in threads, highlight for everybody, were redacted, or are by one of `senders`. Of the newest `limit` only.
   */
  countingExceptions(roomNid: number, after: number, senders: readonly string[], limit: number): Promise<CountingRow[]>;
  /** The event made by a transaction, or the answer it was given. */
  transaction(key: Uint8Array): Promise<TransactionRow | undefined>;
  /** The transactions, if still remembered, that made these events. */
  transactionsOf(eventNids: readonly number[]): Promise<TransactionRow[]>;
}

export interface TransactionRow {
  readonly transaction_key: Uint8Array;
  readonly device_id: string;
  readonly txn_id: string;
  readonly event_nid: number | null;
  readonly response: string | null;
  readonly created_at: number;
}

/** As much of an event as counting needs. */
export interface CountingRow {
  readonly stream_position: number;
  readonly thread_root: string | null;
  readonly sender: string;
  readonly notify: number;
  readonly is_redacted: number;
}

/** That an event which has a place in the pages relates to another. */
interface NewRelationRow {
  readonly room_nid: number;
  readonly relates_to: string;
  readonly rel_type: string;
  readonly event_nid: number;
  readonly chunk: number;
}

interface NewThreadRow {
  readonly room_nid: number;
  readonly thread_root: string;
  readonly chunk: number;
}

/** An event that concerns one user otherwise than everybody. */
export interface EventNotificationRow {
  readonly user_id: string;
  readonly room_nid: number;
  readonly position: number;
  readonly thread_root: string | null;
  readonly notify: number;
  readonly highlight: number;
}

declare module './write-set.ts' {
  interface Mutations {
    'events.insert': NewEventRow;
    /** An event of the past: its page index is given. */
    'events.insertOld': OldEventRow;
    'events.enterOld': OldEventRow;
    /** An event that was an outlier gets a place in the room's history. */
    'events.enter': NewEventRow;
    /** Replaces a redacted event's JSON. */
    'events.redact': { event_id: string; redacted_by: string; unsigned: string | null; json: string };
    'pending_redactions.put': { room_nid: number; redacts: string; redaction_nid: number };
    'pending_redactions.delete': { room_nid: number; redacts: string };
    'events.setUnsigned': { event_id: string; unsigned: string };
    'events.relate': NewRelationRow & { chunk_index: PositionOffset };
    /** Of an event of the past. */
    'events.relateOld': NewRelationRow & { chunk_index: number };
    /** A thread has an event here: its latest one, unless there is a later one. */
    'threads.put': NewThreadRow & { chunk_index: PositionOffset };
    'threads.putOld': NewThreadRow & { chunk_index: number };
    'event_notifications.insert': Omit<EventNotificationRow, 'position'> & { position: PositionOffset };
    'transactions.insert': TransactionRow;
    'transactions.expire': { created_at: number };
    'commit_log.prune': { last_position: number };
  }
}
