import type { RoomVersionRules } from '../room-versions/rules.ts';
import { type Branded, isBoundedText } from './brand.ts';
import { hasSigilAndServer } from './parts.ts';

export type EventId = Branded<'EventId'>;

const BASE64_HASH = /^\$[A-Za-z0-9+/]{43}$/;
const URL_SAFE_HASH = /^\$[A-Za-z0-9_-]{43}$/;

/** Whether `text` may be an event id of some room version. Source: https://spec.matrix.org/v1.19/appendices/#event-ids */
export function isEventId(text: unknown): text is EventId {
  return typeof text === 'string' && text.length > 1 && text.startsWith('$') && isBoundedText(text);
}

/** Whether `text` is an event id in the format of one room version. */
export function isEventIdIn(rules: RoomVersionRules, text: unknown): text is EventId {
  if (typeof text !== 'string') return false;
  switch (rules.eventIdFormat) {
    case 'server-chosen':
      return isBoundedText(text) && hasSigilAndServer(text, '$');
    case 'hash-base64':
      return BASE64_HASH.test(text);
    case 'hash-url-safe':
      return URL_SAFE_HASH.test(text);
  }
}
