import { referencedIds } from './event-reference.ts';
import type { Pdu } from './pdu.ts';

/** The ids in `prev_events`. */
export function prevEventIds(pdu: Pdu): readonly string[] {
  return referencedIds(pdu.prev_events);
}

/** The event that one follows, if it is only one: then the state after it is that before the other. */
export function onlyPrevEventId(pdu: Pdu): string | undefined {
  const [first, ...others] = prevEventIds(pdu);
  return others.length === 0 ? first : undefined;
}
