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

/** An event and what the index has to know of its JSON, which is read once. */
export interface ReadEvent {
  readonly row: EventRow;
  readonly content: JsonObject | undefined;
  /** The event that it redacts, or would like to. */
  readonly redacts: string | undefined;
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

export function readEvent(row: EventRow): ReadEvent {
  const parsed = JSON.parse(row.json) as JsonValue;
  const pdu = isJsonObject(parsed) ? parsed : undefined;
  const found = pdu?.['content'];
  const content = isJsonObject(found) ? found : undefined;
  const isRedaction = row.type === 'm.room.redaction';
  return {
    row,
    content,
    redacts: isRedaction ? (stringIn(pdu, 'redacts') ?? stringIn(content, 'redacts')) : undefined,
  };
}

export function indexEffect(event: ReadEvent): IndexEffect {
  const { row, redacts } = event;
  if (row.type === 'm.room.redaction') return { target: redacts, isEdit: false, isRedaction: true };
  if (!TEXT_TYPES.has(row.type)) return { target: undefined, isEdit: false, isRedaction: false };
  const edited = editedEvent(event);
  return { target: edited ?? row.event_id, isEdit: edited !== undefined, isRedaction: false };
}

function editedEvent({ row, content }: ReadEvent): string | undefined {
  if (row.type !== 'm.room.message' || row.state_key !== null) return undefined;
  const relation = relationIn(content);
  return relation?.relType === 'm.replace' ? relation.eventId : undefined;
}

/** The text of an event, as its newest edit has it; undefined for what cannot be found. Edits are found as what they edit. */
export function indexableText(event: ReadEvent, newestEdit: EventRow | undefined): IndexableText | undefined {
  const { row, content } = event;
  if (row.redacted_by !== null || editedEvent(event) !== undefined) return undefined;
  if (row.type === 'm.room.message' && row.state_key === null) {
    const edited = newestEdit && readEvent(newestEdit).content?.['m.new_content'];
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
