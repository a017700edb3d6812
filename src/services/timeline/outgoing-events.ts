import { historyVisibilityIn } from '../../protocol/events/content-readers.ts';
import { MAX_PREV_EVENTS } from '../../protocol/events/pdu-format.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';
import { Emptied } from './decided-head.ts';
import type { Room } from './room.ts';
import type { StoredEvent } from './stored-event.ts';

/** What was the state under a key, and what is. */
interface StateChange {
  readonly before: StoredEvent | undefined;
  readonly after: StoredEvent | undefined;
}

const isJoin = (event: StoredEvent | undefined): boolean => event?.membership === 'join';

function isWaiting(event: StoredEvent | undefined): boolean {
  const membership = event?.membership;
  return membership === 'invite' || membership === 'knock';
}

/** Joined members of a server once everything that is decided is committed. */
export function decidedMembers(room: Room, server: string): number {
  return (room.joinedServers.get(server) ?? 0) + room.decided.membersMoved(server);
}

/**
 * Adds to a write set what a change of a user's membership means for the stay of their server in the room: it gets
 * every event from the one that brought its first member up to the one that took its last, both included. The change
 * is in the decided state already. Answers what happens in memory when the change does.
 */
export function addServerStay(
  set: WriteSet,
  room: Room,
  userId: string,
  { before, after }: StateChange,
  position: PositionOffset,
): (() => void) | undefined {
  const server = serverOf(userId);
  if (server === undefined || isJoin(before) === isJoin(after)) {
    if (server !== undefined && isWaiting(before) && !isWaiting(after)) addVisit(set, room, server, position);
    return undefined;
  }
  const stay = { room_nid: room.nid, server, position };
  const change = isJoin(after) ? 1 : -1;
  room.decided.moveMember(server, change);
  const members = decidedMembers(room, server);
  if (!isJoin(after) && members === 0) set.add('room_servers.depart', stay);
  const settle = () => room.decided.settleMember(server, change);
  if (!isJoin(after) || members > 1) return settle;
  set.add('room_servers.arrive', stay);
  // The stay of whoever was alone in the room until now was of no interest to older versions.
  const [other] = room.joinedServers.size === 1 ? room.joinedServers.keys() : [];
  if (other !== undefined && other !== server) set.add('room_servers.arrive', { ...stay, server: other });
  return settle;
}

/** Whoever was invited, or knocked, from outside the room learns that it has come to nothing. */
function addVisit(set: WriteSet, room: Room, server: string, position: PositionOffset): void {
  if (decidedMembers(room, server) === 0) set.add('room_servers.visit', { room_nid: room.nid, server, position });
}

/**
 * Adds to a write set that the other servers in the room, before and after the event, are to get it.
 *
 * @param origin the server that has the event already; '' if it was made here.
 */
export function addOutgoingEvent(
  d: { readonly notices: NoticeBoard; readonly isLocal: (userId: string) => boolean },
  set: WriteSet,
  room: Room,
  event: StoredEvent,
  position: PositionOffset,
  origin: string,
): void {
  if (!hasOthers(room, d.isLocal) && !concernsAnother(event, d.isLocal)) return;
  set.add('outgoing_events.insert', { room_nid: room.nid, position, event_nid: event.nid, origin, recipient: '' });
  const departed = event.type === 'm.room.member' ? serverOf(event.stateKey ?? '') : undefined;
  set.onCommitted((committed) =>
    d.notices.publish('outgoingEvent', { roomId: room.id, position: committed.position(position), origin, departed }),
  );
}

/**
 * Adds to the write set of a join by which another server comes into the room that it is told of the other ends of the
 * history, which the join does not follow: joins of further servers, for instance, that were made beside it. Nobody else
 * would tell it before an event that brings them together.
 */
export function addOtherEnds(
  d: { readonly notices: NoticeBoard; readonly events: { peek(nid: number): StoredEvent | undefined } },
  set: WriteSet,
  room: Room,
  join: StoredEvent,
): void {
  const server = serverOf(join.stateKey ?? '');
  if (server === undefined || !isJoin(join) || decidedMembers(room, server) !== 1) return;
  for (const { nid } of room.decided.extremities.slice(-MAX_PREV_EVENTS)) {
    const end = d.events.peek(nid);
    if (nid === join.nid || !end || !mayNewcomersSee(room, end)) continue;
    const position = set.nextPosition();
    set.add('outgoing_events.insert', {
      ...{ room_nid: room.nid, position, event_nid: nid, origin: '', recipient: server },
    });
    set.onCommitted((committed) => {
      const at = { position: committed.position(position), origin: '', departed: undefined };
      d.notices.publish('outgoingEvent', { roomId: room.id, ...at, recipient: server });
    });
  }
}

/** Messages that were sent beside a join are for those who come in only where all of the history is. */
function mayNewcomersSee(room: Room, { stateKey, sender }: StoredEvent): boolean {
  if (stateKey !== undefined) return true;
  const visibility = historyVisibilityIn(room.decidedState.get('m.room.history_visibility', '')?.content);
  return (visibility === 'shared' || visibility === 'world_readable') && room.isJoined(sender);
}

/** Whether somebody of another server is joined, or about to be. */
function hasOthers(room: Room, isLocal: (userId: string) => boolean): boolean {
  if (room.joinedServers.size > 1) return true;
  for (const [, pending] of room.decided.pendingState()) {
    if (!(pending instanceof Emptied) && concernsAnother(pending, isLocal)) return true;
  }
  const [first] = room.joinedMembers();
  return first !== undefined && !isLocal(first);
}

function concernsAnother(event: StoredEvent, isLocal: (userId: string) => boolean): boolean {
  return event.type === 'm.room.member' && event.stateKey !== undefined && !isLocal(event.stateKey);
}
