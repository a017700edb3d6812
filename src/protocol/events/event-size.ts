import { MAX_IDENTIFIER_BYTES } from '../identifiers/brand.ts';
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
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_EVENT_BYTES) return { ok: false, field: 'event', bytes, limit: MAX_EVENT_BYTES };
  for (const field of SHORT_FIELDS) {
    const text = pdu[field];
    const verdict = typeof text === 'string' ? checkShort(field, text) : undefined;
    if (verdict) return verdict;
  }
  return checkShort('event_id', eventId) ?? { ok: true };
}

function checkShort(field: string, text: string): EventSizeVerdict | undefined {
  if (text.length * 3 <= MAX_IDENTIFIER_BYTES) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_IDENTIFIER_BYTES ? { ok: false, field, bytes, limit: MAX_IDENTIFIER_BYTES } : undefined;
}
