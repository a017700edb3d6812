/** An event that is sent when its delay ends, unless it is cancelled before. */
export interface DelayedEventRow {
  readonly delay_id: string;
  readonly user_id: string;
  readonly device_id: string | null;
  readonly appservice_id: string | null;
  readonly is_guest: number;
  readonly room_id: string;
  readonly type: string;
  readonly state_key: string | null;
  /** JSON. */
  readonly content: string;
  /** Of an application service that says when the event happened. */
  readonly origin_server_ts: number | null;
  /** Milliseconds. */
  readonly delay: number;
  readonly running_since: number;
  readonly send_at: number;
  /** The stream position when it was scheduled: later state of others cancels it. */
  readonly scheduled_at: number;
}

/** One that waits no more. */
export interface FinalisedDelayedEventRow {
  readonly delay_id: string;
  readonly user_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly state_key: string | null;
  readonly content: string;
  readonly delay: number;
  readonly running_since: number;
  readonly finalised_at: number;
  /** Null if it was not sent. */
  readonly event_id: string | null;
  /** The body of the refusal that has cancelled it: JSON. */
  readonly error: string | null;
}

export interface DelayedEventStore {
  byId(delayId: string): Promise<DelayedEventRow | undefined>;
  /** Those of a user, the one that is sent first first. */
  ofUser(userId: string, limit: number): Promise<DelayedEventRow[]>;
  countOfUser(userId: string): Promise<number>;
  count(): Promise<number>;
  /** Those that are to be sent at `now`; of those that were put off to the same time those first whose delay ended first. */
  due(now: number, limit: number): Promise<DelayedEventRow[]>;
  /** When the next delay ends. */
  nextTime(): Promise<number | undefined>;
  finalisedById(delayId: string): Promise<FinalisedDelayedEventRow | undefined>;
  /** Those of a user that were finalised after `since`, the first one first. */
  finalisedOfUser(userId: string, since: number, limit: number): Promise<FinalisedDelayedEventRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'delayed_events.insert': DelayedEventRow;
    /** A conflict if it is not there. */
    'delayed_events.restart': { delay_id: string; running_since: number; send_at: number };
    /** Sends it later, without its delay beginning again; not one that was restarted, so that its time is not `from` any more. */
    'delayed_events.postpone': { delay_id: string; from: number; send_at: number };
    'delayed_events.delete': { delay_id: string };
    'delayed_events.deleteOfUser': { user_id: string };
    /** One with the same id stays as it is. */
    'finalised_delayed_events.insert': FinalisedDelayedEventRow;
    /** Forgets all of a user but the `kept` latest ones. */
    'finalised_delayed_events.trim': { user_id: string; kept: number };
    /** Forgets those up to this time. */
    'finalised_delayed_events.expire': { finalised_at: number };
    'finalised_delayed_events.deleteOfUser': { user_id: string };
  }
}
