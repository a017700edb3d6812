import { referencedIds } from './event-reference.ts';
import type { Pdu } from './pdu.ts';

/** The ids in `prev_events`. */
export function prevEventIds(pdu: Pdu): readonly string[] {
  return referencedIds(pdu.prev_events);
}
