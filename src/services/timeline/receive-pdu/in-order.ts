import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pdu } from '../../../protocol/events/pdu.ts';
import type { SignedEvent } from '../stored-event.ts';

/** Events that are looked at in a row: then others have their turn. */
const WITHOUT_PAUSE = 1_000;

/** The events so that each comes after those of them that it names; otherwise in the order given. Each once. */
export async function inOrder(
  events: readonly SignedEvent[],
  named: (pdu: Pdu) => readonly string[],
): Promise<SignedEvent[]> {
  const known = new Map(events.map((event) => [event.eventId, event]));
  const seen = new Set<string>();
  const ordered: SignedEvent[] = [];
  const frame = (event: SignedEvent) => {
    seen.add(event.eventId);
    return { event, rest: named(event.pdu)[Symbol.iterator]() };
  };
  for (const first of known.values()) {
    if (seen.has(first.eventId)) continue;
    const path = [frame(first)];
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const { value: next, done } = last.rest.next();
      const before = done || seen.has(next) ? undefined : known.get(next);
      if (before) path.push(frame(before));
      else if (done) {
        ordered.push(path.pop()!.event);
        if (ordered.length % WITHOUT_PAUSE === 0) await nextTurn();
      }
    }
  }
  return ordered;
}
