/**
 * Decides on an event that another server made, by its place in the room's history.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { BranchDecision } from './branch-decision.ts';
import { commitDecision, settle } from './commit-decision.ts';
import type { DecideDependencies, DecideOptions, Decision } from './event-decision.ts';
import { addEvent } from './event-writes.ts';
import { authEventsInState, judge } from './judge-event.ts';
import type { Room } from './room.ts';
import { RoomEvents } from './room-events.ts';
import type { RoomTurn } from './room-queue.ts';
import type { SignedEvent } from './stored-event.ts';

/** Mutations: that many take a few milliseconds to be handed over. */
const LARGE_SET = 1_000;

/** Decides, in the room's turn. Several servers may have sent the event at the same time: then it is known. */
export async function decideEvent(
  d: DecideDependencies,
  turn: RoomTurn,
  room: Room,
  event: SignedEvent,
  options: DecideOptions = {},
): Promise<Decision> {
  if (turn.roomId !== room.id) throw new Error(`the turn is that of ${turn.roomId}, not of ${room.id}`);
  if (await isTaken(d, room, event)) return { outcome: 'taken', done: Promise.resolve() };
  if (!options.isNotRecommended && isNext(room, event) && !d.events.peekById(event.eventId)) {
    const appended = appendNext(d, room, event, options);
    if (appended) return appended;
  }
  await settle(room);
  const set = options.set ?? new WriteSet();
  const joined = set.mutations.length;
  const at = { set, room, events: new RoomEvents(d.events, room) };
  const { decided } = room;
  decided.begin();
  try {
    const decision = await new BranchDecision(d, at, event, options).decide();
    const isRefused = decision.outcome === 'rejected' || decision.outcome === 'soft-failed';
    if (set.mutations.length === joined || (isRefused && options.onlyIfAllowed)) {
      decided.takeBack();
      if (isRefused) set.failed = true;
      return { ...decision, done: Promise.resolve() };
    }
    if (decision.outcome === 'accepted') options.also?.(set, decision.event);
    decided.keep();
    // What moves a large part of the state has taken its time already.
    if (set.mutations.length > LARGE_SET) await nextTurn();
    return { ...decision, done: commitDecision(d, room, set) };
  } catch (error) {
    decided.takeBack();
    set.failed = true;
    throw error;
  }
}

/** Where ids are hashes, no two events have the same. */
async function isTaken(d: DecideDependencies, room: Room, { eventId }: SignedEvent): Promise<boolean> {
  if (room.rules.eventIdFormat !== 'server-chosen') return false;
  return (await d.events.takenElsewhere([eventId], room)).size > 0;
}

/** Whether the event follows all that there is, and nothing else. */
export function isNext(room: Room, event: SignedEvent): boolean {
  const { extremities } = room.decided;
  const prev = new Set(prevEventIds(event.pdu));
  return prev.size === extremities.length && extremities.every(({ eventId }) => prev.has(eventId));
}

/** Appends the event as the next one of the room, if the decided state shows that it is allowed. */
function appendNext(d: DecideDependencies, room: Room, built: SignedEvent, options: DecideOptions) {
  const authEvents = authEventsInState(room, built);
  const create = room.decidedState.get('m.room.create', '');
  const verdict = authEvents && judge(room, built, authEvents, create, room.decidedState);
  if (!verdict?.allowed || built.pdu.type === 'm.room.redaction') return undefined;
  const { relayedFrom, isSpread, set = new WriteSet() } = options;
  const { decided } = room;
  decided.begin();
  const event = addEvent(d, set, room, built, d.notifications.plan(room, built.pdu), { relayedFrom, isSpread });
  options.also?.(set, event);
  decided.keep();
  return { outcome: 'accepted' as const, event, verdict, done: commitDecision(d, room, set) };
}
