import { isJsonObject, type JsonObject } from '../json.ts';
import { stringIn } from './content-readers.ts';

/** How an event relates to another by `m.relates_to`. Source: https://spec.matrix.org/v1.19/client-server-api/#forming-relationships-between-events */
export interface Relation {
  readonly relType: string;
  readonly eventId: string;
  /** What a reaction says. */
  readonly key?: string;
}

function relatesTo(content: JsonObject | undefined): JsonObject | undefined {
  const value = isJsonObject(content) ? content['m.relates_to'] : undefined;
  return isJsonObject(value) ? value : undefined;
}

/** The relation in the content of an event, if both its kind and the other event are given. */
export function relationIn(content: JsonObject | undefined): Relation | undefined {
  const relation = relatesTo(content);
  const relType = stringIn(relation, 'rel_type');
  const eventId = stringIn(relation, 'event_id');
  if (relType === undefined || eventId === undefined) return undefined;
  const key = stringIn(relation, 'key');
  return key === undefined ? { relType, eventId } : { relType, eventId, key };
}

/** The root of the thread that an event belongs to by its own content; undefined outside of threads. */
export function threadRootIn(content: JsonObject | undefined): string | undefined {
  const relation = relationIn(content);
  return relation?.relType === 'm.thread' ? relation.eventId : undefined;
}

/** The event that this one replies to, in a thread also the one that clients without threads are shown. */
export function inReplyToIn(content: JsonObject | undefined): string | undefined {
  const reply = relatesTo(content)?.['m.in_reply_to'];
  return isJsonObject(reply) ? stringIn(reply, 'event_id') : undefined;
}
