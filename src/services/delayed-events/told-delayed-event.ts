import type { JsonObject } from '../../protocol/json.ts';
import type { DelayedEventRow } from '../../storage/contract/delayed-events.ts';

/** A delayed event as its owner sees it. */
export interface ToldDelayedEvent {
  readonly delay_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly state_key?: string;
  /** Milliseconds. */
  readonly delay: number;
  /** Milliseconds since the epoch. */
  readonly running_since: number;
  readonly content: JsonObject;
}

export function toldDelayedEvent(row: DelayedEventRow): ToldDelayedEvent {
  return {
    delay_id: row.delay_id,
    room_id: row.room_id,
    type: row.type,
    ...(row.state_key === null ? {} : { state_key: row.state_key }),
    delay: row.delay,
    running_since: row.running_since,
    content: JSON.parse(row.content) as JsonObject,
  };
}
