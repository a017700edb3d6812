/**
 * Mainline ordering: events that rest on older power levels come first, whatever their clocks say.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
import { compareCodePoints } from '../canonical-json/compare-code-points.ts';
import { authEventIds, type EventLookup, eventOf } from './event-lookup.ts';

/** Sorts by the mainline of the power levels event `powerLevelsId`. Without one, all positions are the same. */
export function mainlineOrdering(
  powerLevelsId: string | undefined,
  eventIds: Iterable<string>,
  events: EventLookup,
): string[] {
  const positions = mainlineOf(powerLevelsId, events);
  const placed = Array.from(eventIds, (eventId) => ({
    eventId,
    position: mainlinePosition(eventId, positions, events),
    originServerTs: eventOf(events, eventId).pdu.origin_server_ts,
  }));
  placed.sort((x, y) => {
    if (x.position !== y.position) return x.position > y.position ? -1 : 1;
    return x.originServerTs - y.originServerTs || compareCodePoints(x.eventId, y.eventId);
  });
  return placed.map(({ eventId }) => eventId);
}

/** The mainline: index of each power levels event, 0 for the newest. */
function mainlineOf(powerLevelsId: string | undefined, events: EventLookup): Map<string, number> {
  const mainline = new Map<string, number>();
  let id = powerLevelsId;
  while (id !== undefined && !mainline.has(id)) {
    mainline.set(id, mainline.size);
    id = powerLevelsBefore(id, events);
  }
  return mainline;
}

/** Infinite for an event that no power levels of the mainline stand behind. Adds what it learns to `positions`. */
function mainlinePosition(eventId: string, positions: Map<string, number>, events: EventLookup): number {
  const passed: string[] = [];
  let id = powerLevelsBefore(eventId, events);
  while (id !== undefined && !positions.has(id)) {
    passed.push(id);
    positions.set(id, Number.POSITIVE_INFINITY);
    id = powerLevelsBefore(id, events);
  }
  const position = (id === undefined ? undefined : positions.get(id)) ?? Number.POSITIVE_INFINITY;
  for (const powerLevels of passed) positions.set(powerLevels, position);
  return position;
}

function powerLevelsBefore(eventId: string, events: EventLookup): string | undefined {
  return authEventIds(eventOf(events, eventId).pdu).find((id) => {
    const { pdu } = eventOf(events, id);
    return pdu.type === 'm.room.power_levels' && pdu.state_key === '';
  });
}
