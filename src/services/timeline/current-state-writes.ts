import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Committed, PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';
import { Emptied } from './decided-head.ts';
import { isOpen, OPENING_TYPES } from './open-rooms.ts';
import { addServerStay } from './outgoing-events.ts';
import type { Room } from './room.ts';
import { stateKeyOf } from './state-key.ts';
import type { StoredEvent } from './stored-event.ts';
import { strippedStateFor } from './stripped-state.ts';

/** A change of the current state under one key, by an event of that key or by resolution. */
export interface StateChange {
  readonly keyNid: number;
  readonly before: StoredEvent | undefined;
  /** Undefined where the key has no event any more; then there was one before. */
  readonly after: StoredEvent | undefined;
}

/** What else is to be stored together with changes of the current state. */
export interface StateOutlet {
  /** The room's decided state has the change already. */
  add(set: WriteSet, room: Room, change: StateChange): void;
}

export interface StateWriteDependencies {
  readonly stateOutlets?: readonly StateOutlet[] | undefined;
  readonly notices: NoticeBoard;
  readonly isLocal: (userId: string) => boolean;
}

/** What happens to the room in memory once the change is durable. */
export type StateEffect = (committed: Committed) => void;

/** Adds a change of the current state to the write set and to the decided head. */
export function addStateChange(
  d: StateWriteDependencies,
  set: WriteSet,
  room: Room,
  change: StateChange,
  position: PositionOffset,
): StateEffect {
  const { keyNid, before, after } = change;
  const { type, stateKey } = (after ?? before) as StoredEvent & { stateKey: string };
  const key = stateKeyOf(type, stateKey);
  const wasOpen = OPENING_TYPES.has(type) && isOpen(room);
  const decided = after ?? new Emptied();
  room.decided.putState(key, decided);
  if (after) set.add('current_state.put', { room_nid: room.nid, key_nid: keyNid, event_nid: after.nid });
  else set.add('current_state.delete', { room_nid: room.nid, key_nid: keyNid });
  set.add('current_state_deltas.insert', {
    room_nid: room.nid,
    position,
    key_nid: keyNid,
    old_event_nid: before?.nid ?? null,
    new_event_nid: after?.nid ?? null,
  });
  if (OPENING_TYPES.has(type)) addOpenness(set, room, wasOpen);
  const stripped = type === 'm.room.member' ? addMembership(set, room, change, position) : undefined;
  const settleStay = type === 'm.room.member' ? addServerStay(set, room, stateKey, change, position) : undefined;
  for (const outlet of d.stateOutlets ?? []) outlet.add(set, room, change);
  return (committed) => {
    const at = committed.position(position);
    if (after) room.putState(after, keyNid);
    else room.removeState(type, stateKey);
    settleStay?.();
    room.stateChangedAt = at;
    room.decided.settleState(key, decided);
    const { id: roomId, nid: roomNid } = room;
    d.notices.publish('currentState', { roomId, roomNid, type, stateKey, before, after, position: at });
    if (type === 'm.room.member') publishMembership(d, room, change, at, stripped);
  };
}

/** Changes that are few: they happen in one go. */
const FEW = 200;

/**
 * Adds many changes, others having their turn in between; answers what is left to happen with the new head. Where members
 * of other servers come and go by the thousand, that happens in memory before, bit by bit. Meanwhile the decided state is
 * neither the old nor the new one for those who look at it outside of the room's turn.
 * @param positionOf the position at which a change is made
 */
export async function addStateChanges(
  d: StateWriteDependencies,
  set: WriteSet,
  room: Room,
  changes: readonly StateChange[],
  positionOf: (change: StateChange) => PositionOffset,
): Promise<StateEffect[]> {
  const effects: StateEffect[] = [];
  for (const [i, change] of changes.entries()) {
    if (i % FEW === FEW - 1) await nextTurn();
    const effect = addStateChange(d, set, room, change, positionOf(change));
    if (changes.length > FEW && isOfOtherServer(d, change)) set.onCommittedEarly(effect);
    else effects.push(effect);
  }
  return effects;
}

/** Nobody here waits for the membership of somebody of another server by itself. */
function isOfOtherServer({ isLocal }: StateWriteDependencies, { before, after }: StateChange): boolean {
  const { type, stateKey } = (after ?? before) as StoredEvent & { stateKey: string };
  return type === 'm.room.member' && !isLocal(stateKey);
}

function addOpenness(set: WriteSet, room: Room, wasOpen: boolean): void {
  const isOpenNow = isOpen(room);
  if (isOpenNow === wasOpen) return;
  set.add(isOpenNow ? 'open_rooms.put' : 'open_rooms.delete', { room_nid: room.nid });
}

/** Adds the membership that the state gives, if it gives one; answers the stripped state that goes with it. */
function addMembership(set: WriteSet, room: Room, change: StateChange, position: PositionOffset): string | undefined {
  const { after } = change;
  const event = (after ?? change.before)!;
  const membership = membershipOf(change);
  if (membership === undefined) return undefined;
  // A change of name is no change of membership: its position stays that of the join.
  if (after && isRenaming(change)) {
    set.add('memberships.rename', { user_id: event.stateKey!, room_nid: room.nid, event_nid: event.nid });
    return undefined;
  }
  const stripped = membership === 'invite' || membership === 'knock' ? strippedStateFor(room, event) : undefined;
  set.add('memberships.put', {
    user_id: event.stateKey!,
    room_nid: room.nid,
    membership,
    event_nid: event.nid,
    position,
    forgotten: 0,
    stripped_state: stripped ?? null,
  });
  return stripped;
}

/** Who has no member event any more is out of the room. */
function membershipOf({ after }: StateChange): string | undefined {
  return after ? after.membership : 'leave';
}

/** Whether somebody who is in the room stays in it, under another name or picture. */
function isRenaming({ before, after }: StateChange): boolean {
  return after?.membership === 'join' && before?.membership === 'join';
}

function publishMembership(
  d: StateWriteDependencies,
  room: Room,
  change: StateChange,
  position: number,
  strippedState: string | undefined,
): void {
  const event = (change.after ?? change.before)!;
  const membership = membershipOf(change);
  const userId = event.stateKey!;
  if (membership === undefined || !d.isLocal(userId) || isRenaming(change)) return;
  const { id: roomId, nid: roomNid } = room;
  d.notices.publish('membership', {
    roomId,
    roomNid,
    userId,
    membership,
    eventNid: event.nid,
    position,
    strippedState,
  });
}
