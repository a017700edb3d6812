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

export interface DelayedEventStore {
  byId(delayId: string): Promise<DelayedEventRow | undefined>;
  /** Those of a user, the one that is sent first first. */
  ofUser(userId: string, limit: number): Promise<DelayedEventRow[]>;
  countOfUser(userId: string): Promise<number>;
  count(): Promise<number>;
  /** Those whose delay has ended at `now`, in the order in which they did. */
  due(now: number, limit: number): Promise<DelayedEventRow[]>;
  /** When the next delay ends. */
  nextTime(): Promise<number | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    'delayed_events.insert': DelayedEventRow;
    /** A conflict if it is not there. */
    'delayed_events.restart': { delay_id: string; running_since: number; send_at: number };
    'delayed_events.delete': { delay_id: string };
    'delayed_events.deleteOfUser': { user_id: string };
  }
}
