import { authEventKeys } from '../../protocol/authorization/auth-event-keys.ts';
import { authorize } from '../../protocol/authorization/authorize.ts';
import { buildEvent, type EventSigner } from '../../protocol/events/build-event.ts';
import { referenceTo } from '../../protocol/events/event-reference.ts';
import type { Pdu, StateView } from '../../protocol/events/pdu.ts';
import { MAX_PREV_EVENTS } from '../../protocol/events/pdu-format.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { resolvedStack, stacksOf, viewFor } from './branch-state.ts';
import { settle } from './commit-decision.ts';
import { decideEvent } from './decide-event.ts';
import type { Extremity } from './decided-head.ts';
import type { DecideDependencies } from './event-decision.ts';
import type { Room } from './room.ts';
import { RoomEvents } from './room-events.ts';
import type { RoomTurn } from './room-queue.ts';
import type { SignedEvent } from './stored-event.ts';

/** An event that says nothing: it brings branches of the history together, and no client is shown it. */
export const DUMMY_EVENT = 'org.matrix.dummy_event';

/** Ends of a room's history beyond which this server brings them together by itself. */
export const MOST_ENDS = 10;

/** Local users tried as senders. */
const MOST_SENDERS = 20;

export interface MergeDependencies extends DecideDependencies {
  readonly signer: EventSigner;
  readonly clock: Clock;
}

/**
 * Brings the ends of a room's history together while there are more than `most`, in the name of some local user who may
 * send events. Without one, they stay as they are.
 */
export async function mergeEnds(d: MergeDependencies, turn: RoomTurn, room: Room, most: number): Promise<void> {
  while (room.decided.extremities.length > most) {
    await settle(room);
    const ends = room.decided.extremities.slice(0, MAX_PREV_EVENTS);
    const event = await dummyAfter(d, room, ends);
    if (!event) return;
    const decision = await decideEvent(d, turn, room, event);
    await decision.done;
    if (decision.outcome !== 'accepted') return;
  }
}

async function dummyAfter(
  d: MergeDependencies,
  room: Room,
  ends: readonly Extremity[],
): Promise<SignedEvent | undefined> {
  let tried = 0;
  for (const sender of room.joinedMembers()) {
    if (!d.isLocal(sender)) continue;
    if (tried >= MOST_SENDERS) return undefined;
    tried += 1;
    const prototype = {
      ...{ type: DUMMY_EVENT, sender, room_id: room.id, content: {} },
      origin_server_ts: d.clock.now(),
      depth: Math.min(1 + Math.max(...ends.map(({ depth }) => depth)), Number.MAX_SAFE_INTEGER),
      prev_events: ends.map(({ reference }) => reference),
    };
    const pdu = prototype as unknown as Pdu;
    const state = await stateOf(d, room, ends, pdu);
    const auth = authEventKeys(room.rules, pdu).flatMap(([type, key]) => state.get(type, key) ?? []);
    const auth_events = auth.map((one) => referenceTo(one, room.rules));
    const event = buildEvent({ ...prototype, auth_events }, room.rules, d.signer);
    const isAllowed = authorize(room.rules, event, state).allowed;
    if (isAllowed && authorize(room.rules, event, room.decidedState).allowed) return event;
  }
  return undefined;
}

/** What is read of the state that the ends resolve to; the layer is written with the event. */
async function stateOf(d: MergeDependencies, room: Room, ends: readonly Extremity[], pdu: Pdu): Promise<StateView> {
  const events = new RoomEvents(d.events, room);
  const stacks = await stacksOf(
    d.layers,
    ends.map(({ layer }) => layer),
  );
  room.decided.begin();
  try {
    return await viewFor(room, events, await resolvedStack(d, new WriteSet(), room, events, stacks), pdu);
  } finally {
    room.decided.takeBack();
  }
}
