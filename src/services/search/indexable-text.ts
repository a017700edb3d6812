import { stringIn } from '../../protocol/events/content-readers.ts';
import { relationIn } from '../../protocol/events/relations.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { EventRow } from '../../storage/contract/events.ts';
import { SearchKey } from '../../storage/contract/search.ts';

/** What of an event can be found. */
export interface IndexableText {
  readonly key: SearchKey;
  readonly text: string;
}

/** What an event means for the index. */
export interface IndexEffect {
  /** The event whose text changes; undefined if none does. */
  readonly target: string | undefined;
  /** Whether it replaces the text of `target`. */
  readonly isEdit: boolean;
  /** Whether it redacts `target`, or would like to. */
  readonly isRedaction: boolean;
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['m.room.message', 'm.room.name', 'm.room.topic']);

function contentOf(row: EventRow): JsonObject | undefined {
  const pdu = JSON.parse(row.json) as JsonValue;
  const content = isJsonObject(pdu) ? pdu['content'] : undefined;
  return isJsonObject(content) ? content : undefined;
}

export function indexEffect(row: EventRow): IndexEffect {
  if (row.type === 'm.room.redaction') return { target: redactedEvent(row), isEdit: false, isRedaction: true };
  if (!TEXT_TYPES.has(row.type)) return { target: undefined, isEdit: false, isRedaction: false };
  const edited = editedEvent(row);
  return { target: edited ?? row.event_id, isEdit: edited !== undefined, isRedaction: false };
}

function editedEvent(row: EventRow): string | undefined {
  if (row.type !== 'm.room.message' || row.state_key !== null) return undefined;
  const relation = relationIn(contentOf(row));
  return relation?.relType === 'm.replace' ? relation.eventId : undefined;
}

function redactedEvent(row: EventRow): string | undefined {
  const pdu = JSON.parse(row.json) as JsonValue;
  return stringIn(isJsonObject(pdu) ? pdu : undefined, 'redacts') ?? stringIn(contentOf(row), 'redacts');
}

/** The text of an event, as its newest edit has it; undefined for what cannot be found. Edits are found as what they edit. */
export function indexableText(row: EventRow, newestEdit: EventRow | undefined): IndexableText | undefined {
  if (row.redacted_by !== null || editedEvent(row) !== undefined) return undefined;
  const content = contentOf(row);
  if (row.type === 'm.room.message' && row.state_key === null) {
    const edited = newestEdit && contentOf(newestEdit)?.['m.new_content'];
    const text = stringIn(isJsonObject(edited) ? edited : undefined, 'body') ?? stringIn(content, 'body');
    return made(SearchKey.body, text);
  }
  if (row.state_key !== '') return undefined;
  if (row.type === 'm.room.name') return made(SearchKey.name, stringIn(content, 'name'));
  if (row.type === 'm.room.topic') return made(SearchKey.topic, stringIn(content, 'topic'));
  return undefined;
}

function made(key: SearchKey, text: string | undefined): IndexableText | undefined {
  return text === undefined ? undefined : { key, text };
}
