import { setImmediate as nextTurn } from 'node:timers/promises';
import { authorize } from '../../protocol/authorization/authorize.ts';
import { checkAuthEvents } from '../../protocol/authorization/check-auth-events.ts';
import type { Verdict } from '../../protocol/authorization/verdict.ts';
import { authEventIds, impliedCreateEventId } from '../../protocol/state-resolution/event-lookup.ts';
import { EventKind } from '../../storage/contract/events.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { commitDecision, settle } from './commit-decision.ts';
import { storeEvent, type WriteDependencies } from './event-writes.ts';
import { checkFields } from './judge-event.ts';
import { inOrder } from './receive-pdu/in-order.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import { RoomEvents } from './room-events.ts';
import type { RoomTurn } from './room-queue.ts';
import type { SignedEvent, StoredEvent } from './stored-event.ts';

export interface OutlierDependencies extends WriteDependencies {
  readonly rooms: RoomCache;
}

/** Events judged in a row: then others have their turn. */
const WITHOUT_PAUSE = 50;
/** Events that are written at once. */
const BATCH = 500;

const SILENT = { notify: 0, users: [] } as const;

/**
 * Stores events outside of the room's history: the auth events and the state that other events need. Each is judged by
 * its own auth events, which come with it or are stored already; one whose auth events are missing is left out. Format,
 * signatures and hashes have been checked.
 */
export async function storeOutliers(
  d: OutlierDependencies,
  turn: RoomTurn,
  room: Room,
  received: readonly SignedEvent[],
): Promise<void> {
  if (turn.roomId !== room.id) throw new Error(`the turn is that of ${turn.roomId}, not of ${room.id}`);
  await settle(room);
  const events = new RoomEvents(d.events, room);
  const ordered = await inOrder(received, (pdu) => authIds(room, { pdu }));
  const ids = room.rules.eventIdFormat === 'server-chosen' ? ordered.map(({ eventId }) => eventId) : [];
  const taken = await d.events.takenElsewhere(ids, room);
  const named = ordered.flatMap(({ eventId, pdu }) => [eventId, ...authIds(room, { pdu })]);
  if (ordered.length > BATCH) await nextTurn();
  const known = await events.withIds(named);
  let set = new WriteSet();
  const written: Promise<void>[] = [];
  for (const [i, built] of ordered.entries()) {
    if (i % WITHOUT_PAUSE === WITHOUT_PAUSE - 1) await nextTurn();
    const isDone = known.has(built.eventId) || taken.has(built.eventId);
    const event = isDone ? undefined : storeOutlier(d, set, room, built, known);
    if (event) known.set(event.eventId, event);
    if (set.mutations.length >= BATCH) {
      written.push(commitDecision(d, room, set));
      set = new WriteSet();
    }
  }
  if (set.mutations.length > 0) written.push(commitDecision(d, room, set));
  await Promise.all(written);
}

function authIds(room: Room, { pdu }: Pick<SignedEvent, 'pdu'>): string[] {
  const create = impliedCreateEventId(room.rules, pdu);
  return create === undefined ? [...authEventIds(pdu)] : [create, ...authEventIds(pdu)];
}

function storeOutlier(
  d: OutlierDependencies,
  set: WriteSet,
  room: Room,
  built: SignedEvent,
  known: ReadonlyMap<string, StoredEvent>,
): StoredEvent | undefined {
  const named = authIds(room, built).map((id) => known.get(id));
  if (named.includes(undefined)) return undefined;
  const verdict = byAuthEvents(room, built, named as StoredEvent[]);
  const { event } = storeEvent(d, set, room, {
    nid: d.storage.nextNid('event'),
    built,
    kind: verdict.allowed ? EventKind.outlier : EventKind.rejected,
    stateAfter: null,
    stateBefore: null,
    replaced: undefined,
    plan: SILENT,
  });
  return event;
}

function byAuthEvents(room: Room, built: SignedEvent, all: readonly StoredEvent[]): Verdict {
  const { rules } = room;
  const size = checkFields(rules, built);
  if (!size.allowed) return size;
  const named = new Set(authEventIds(built.pdu));
  const selection = checkAuthEvents(
    rules,
    built.pdu,
    all.filter(({ eventId }) => named.has(eventId)),
  );
  if (!selection.allowed) return selection;
  const view = {
    get: (type: string, stateKey: string) => all.find((event) => event.type === type && event.stateKey === stateKey),
  };
  return authorize(rules, built, view);
}
