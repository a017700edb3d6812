import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import type { BuiltEvent } from '../../protocol/events/build-event.ts';
import { redactsOf } from '../../protocol/events/content-readers.ts';
import { redactEvent } from '../../protocol/events/redact-event.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from './event-cache.ts';
import type { Room } from './room.ts';
import { type SignedEvent, StoredEvent } from './stored-event.ts';

/** A redaction that the room's rules let through: the event it prunes, as it will be. */
export interface PlannedRedaction {
  readonly redacted: StoredEvent;
  /** The state event that took its place, without the content that it repeated. */
  readonly replacement: StoredEvent | undefined;
}

/**
 * Finds what a redaction redacts and prunes it. Since room version 3 the event itself is always let in, and whether it
 * takes effect is decided by the sender's power or authorship; a local sender without either is told so.
 * Source: https://spec.matrix.org/v1.19/rooms/v3/#handling-redactions
 *
 * An event that other servers in the room may have, and this one has not yet, is redacted when it comes.
 *
 * @returns undefined if there is nothing to prune yet
 * @throws M_NOT_FOUND if the event is not in the room; M_FORBIDDEN; M_INVALID_PARAM without a target
 */
export async function planRedaction(
  { events, storage }: { events: EventCache; storage: Storage },
  room: Room,
  built: BuiltEvent,
): Promise<PlannedRedaction | undefined> {
  const targetId = redactsOf(built.pdu, room.rules);
  if (targetId === undefined) throw invalidParam('A redaction names the event that it redacts');
  const target = await events.byId(targetId, room);
  if (!target) {
    if (room.joinedServers.size > 1) return undefined;
    throw notFound('The event to redact is not in this room');
  }
  const levels = powerLevels(room.rules, room.decidedState);
  const { sender } = built.pdu;
  if (target.sender !== sender && levels.userLevel(sender) < levels.redact) {
    throw forbidden('Your power level is too low to redact this event');
  }
  if (target.type === 'm.room.create') throw forbidden('The creation of a room cannot be redacted');
  return prunedBy({ events, storage }, room, target, built);
}

/** What an event and the one that took its place become by a redaction that takes effect. */
export async function prunedBy(
  { events, storage }: { events: EventCache; storage: Storage },
  room: Room,
  target: StoredEvent,
  redaction: SignedEvent,
): Promise<PlannedRedaction> {
  const redacted = prune(target, room, redaction);
  const next = target.stateKey === undefined ? undefined : await replacementOf(target, room, { events, storage });
  // One that was itself redacted repeats nothing.
  if (!next?.unsigned.startsWith('"prev_content":')) return { redacted, replacement: undefined };
  return { redacted, replacement: changed(next, room, { unsigned: replacesState(redacted) }) };
}

/** What clients want to know of the state that was there before, as members of `unsigned`. */
export function replacesState(replaced: StoredEvent): string {
  const content = JSON.stringify(replaced.content);
  return `"prev_content":${content},"prev_sender":${JSON.stringify(replaced.sender)},"replaces_state":${JSON.stringify(replaced.eventId)}`;
}

async function replacementOf(
  target: StoredEvent,
  room: Room,
  { events, storage }: { events: EventCache; storage: Storage },
): Promise<StoredEvent | undefined> {
  const decided = room.decidedState.get(target.type, target.stateKey!);
  if (!decided || decided.nid === target.nid) return undefined;
  // It may be on its way to the database.
  if (decided.unsigned.includes(`"replaces_state":${JSON.stringify(target.eventId)}`)) return decided;
  const row = await storage.read((tx) => tx.rooms.stateReplacing(room.nid, target.nid, target.position));
  return row && events.ofRow(row, room.id);
}

/** The event without what it says, for those who may not see what an erased user has sent. */
export function erasedCopy(event: StoredEvent, room: Room): StoredEvent {
  const pdu = redactEvent(event.pdu, room.rules.redaction);
  return changed(event, room, { unsigned: '', json: JSON.stringify(pdu) }, pdu);
}

/** The event with other members of its row: what was built of it is built anew. */
function changed(event: StoredEvent, room: Room, row: Partial<StoredEvent['row']>, pdu = event.pdu): StoredEvent {
  const copy = new StoredEvent({ ...event.row, ...row }, room.id, pdu);
  copy.position = event.position;
  copy.chunkIndex = event.chunkIndex;
  copy.transaction = event.transaction;
  copy.notified = event.notified;
  return copy;
}

function prune(target: StoredEvent, room: Room, redaction: SignedEvent): StoredEvent {
  const pdu = redactEvent(target.pdu, room.rules.redaction);
  const because = JSON.stringify({
    content: redaction.pdu.content,
    event_id: redaction.eventId,
    origin_server_ts: redaction.pdu.origin_server_ts,
    redacts: target.eventId,
    room_id: room.id,
    sender: redaction.pdu.sender,
    type: redaction.pdu.type,
    unsigned: {},
  });
  const row = {
    redacted_by: redaction.eventId,
    unsigned: `"redacted_because":${because}`,
    json: JSON.stringify(pdu),
  };
  return changed(target, room, row, pdu);
}
