import type { Pdu } from './pdu.ts';

/** The ids in `prev_events`. Room versions 1 and 2 name events as pairs of id and hashes. */
export function prevEventIds(pdu: Pdu): readonly string[] {
  const references: readonly unknown[] = pdu.prev_events;
  if (!references.some(Array.isArray)) return pdu.prev_events;
  return references.map((reference) => String(Array.isArray(reference) ? reference[0] : reference));
}
