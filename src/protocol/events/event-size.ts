import { MAX_IDENTIFIER_BYTES } from '../identifiers/brand.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { Pdu } from './pdu.ts';

/** The most that an event may measure as canonical JSON with its signatures. */
export const MAX_EVENT_BYTES = 65_536;

export type EventSizeVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly field: string; readonly bytes: number; readonly limit: number };

const SHORT_FIELDS = ['sender', 'room_id', 'type', 'state_key'] as const;

/**
 * Whether an event keeps within the limits of size, and if not, which field (`event` for the whole) is too large.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#size-limits
 *
 * @param json the canonical JSON of `pdu`.
 */
export function checkEventSize(pdu: Pdu, eventId: string, json: string): EventSizeVerdict {
  return check(pdu, eventId, json, Buffer.byteLength);
}

/**
 * Whether an event of another server is small enough to be stored at all. Servers used to count code points, so that
 * rooms of older versions have events of more bytes: those are there to be named by others, and {@link tooLongField}
 * rejects them.
 */
export function checkReceivedSize(pdu: Pdu, eventId: string, json: string, rules: RoomVersionRules): EventSizeVerdict {
  return check(pdu, eventId, json, rules.strictByteLimits ? Buffer.byteLength : codePointsOf);
}

/** The first field, in the order of the specification, that has too many bytes. */
export function tooLongField(pdu: Pdu): string | undefined {
  const verdict = checkFields(pdu, Buffer.byteLength);
  return verdict.ok ? undefined : verdict.field;
}

type Measure = (text: string) => number;

const codePointsOf: Measure = (text) => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

function check(pdu: Pdu, eventId: string, json: string, measure: Measure): EventSizeVerdict {
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_EVENT_BYTES) return { ok: false, field: 'event', bytes, limit: MAX_EVENT_BYTES };
  const fields = checkFields(pdu, measure);
  return fields.ok ? (checkShort('event_id', eventId, measure) ?? fields) : fields;
}

function checkFields(pdu: Pdu, measure: Measure): EventSizeVerdict {
  for (const field of SHORT_FIELDS) {
    const text = pdu[field];
    const verdict = typeof text === 'string' ? checkShort(field, text, measure) : undefined;
    if (verdict) return verdict;
  }
  return { ok: true };
}

function checkShort(field: string, text: string, measure: Measure): EventSizeVerdict | undefined {
  if (text.length * 3 <= MAX_IDENTIFIER_BYTES || measure(text) <= MAX_IDENTIFIER_BYTES) return undefined;
  return { ok: false, field, bytes: Buffer.byteLength(text), limit: MAX_IDENTIFIER_BYTES };
}
