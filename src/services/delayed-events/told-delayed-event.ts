import type { JsonObject } from '../../protocol/json.ts';
import type { DelayedEventRow, FinalisedDelayedEventRow } from '../../storage/contract/delayed-events.ts';

/** A delayed event as its owner sees it. */
export interface ToldDelayedEvent {
  readonly delay_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly state_key?: string;
  /** Milliseconds. */
  readonly delay_ms: number;
  /** Milliseconds since the epoch. */
  readonly delayed_since_ts: number;
  /** As `delay_ms` and `delayed_since_ts` were called before. */
  readonly delay: number;
  readonly running_since: number;
  readonly content: JsonObject;
  /** Only of those that wait no more. */
  readonly finalised?: {
    readonly finalised_ts: number;
    readonly event_id?: string;
    readonly error?: JsonObject;
  };
}

type Told = Pick<
  DelayedEventRow,
  'delay_id' | 'room_id' | 'type' | 'state_key' | 'delay' | 'running_since' | 'content'
>;

export function toldDelayedEvent(row: Told): ToldDelayedEvent {
  return {
    delay_id: row.delay_id,
    room_id: row.room_id,
    type: row.type,
    ...(row.state_key === null ? {} : { state_key: row.state_key }),
    delay_ms: row.delay,
    delayed_since_ts: row.running_since,
    delay: row.delay,
    running_since: row.running_since,
    content: JSON.parse(row.content) as JsonObject,
  };
}

export function toldFinalisedEvent(row: FinalisedDelayedEventRow): ToldDelayedEvent {
  return {
    ...toldDelayedEvent(row),
    finalised: {
      finalised_ts: row.finalised_at,
      ...(row.event_id === null ? {} : { event_id: row.event_id }),
      ...(row.error === null ? {} : { error: JSON.parse(row.error) as JsonObject }),
    },
  };
}
