import { relationIn } from '../../protocol/events/relations.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { EventRow } from '../../storage/contract/events.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';

/** An event that is shown no more, as it was. */
export type GoneEvent = Pick<EventRow, 'event_nid' | 'room_nid' | 'stream_position' | 'json' | 'thread_root'>;

/** Takes away what was derived of events of one room that are shown no more: words, mentions, relations, threads. */
export function removeDerived(set: WriteSet, rows: readonly GoneEvent[]): void {
  for (const { event_nid, room_nid, stream_position: position, json } of rows) {
    set.add('search_documents.delete', { event_nid }).add('search_index.delete', { event_nid });
    set.add('search_edits.delete', { edit_nid: event_nid });
    if (position !== null) set.add('event_notifications.deleteAt', { room_nid, position });
    const { content } = JSON.parse(json) as { content?: unknown };
    const relation = isJsonObject(content) ? relationIn(content) : undefined;
    if (relation) {
      set.add('events.unrelate', { room_nid, relates_to: relation.eventId, rel_type: relation.relType, event_nid });
    }
  }
  for (const root of new Set(rows.map((row) => row.thread_root))) {
    if (root !== null) set.add('threads.settle', { room_nid: rows[0]!.room_nid, thread_root: root });
  }
}
