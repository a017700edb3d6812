/**
 * Redactions that come from other servers, before or after what they redact.
 * Source: https://spec.matrix.org/v1.19/rooms/v3/#handling-redactions
 */
import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { redactsOf } from '../../protocol/events/content-readers.ts';
import type { StateView } from '../../protocol/events/pdu.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { stacksOf, viewFor } from './branch-state.ts';
import type { DecisionPlace } from './event-decision.ts';
import { addRedaction, type WriteDependencies } from './event-writes.ts';
import { prunedBy } from './redaction.ts';
import type { Room } from './room.ts';
import type { StoredEvent } from './stored-event.ts';

/** Lets an accepted redaction take effect; if the event is not here yet, as soon as it comes. */
export async function redact(
  d: WriteDependencies,
  at: DecisionPlace,
  redaction: StoredEvent,
  before: StateView,
): Promise<void> {
  const { set, room, events } = at;
  const targetId = redactsOf(redaction.pdu, room.rules);
  if (targetId === undefined) return;
  const target = (await events.withIds([targetId])).get(targetId);
  if (target) await takeEffect(d, at, target, redaction, before);
  else {
    room.awaitsRedacted = true;
    set.add('pending_redactions.put', { room_nid: room.nid, redacts: targetId, redaction_nid: redaction.nid });
  }
}

/** Redacts an event that comes after its redaction. */
export async function redactLate(d: WriteDependencies, at: DecisionPlace, target: StoredEvent): Promise<void> {
  const { set, room, events } = at;
  if (!room.awaitsRedacted) return;
  const nids = await d.storage.read((tx) => tx.events.redactionsOf(room.nid, target.eventId));
  if (nids.length === 0) return;
  set.add('pending_redactions.delete', { room_nid: room.nid, redacts: target.eventId });
  for (const redaction of (await events.withNids(nids)).values()) {
    const [stack = []] = await stacksOf(d.layers, [redaction.stateBefore]);
    const before = await viewFor(room, events, stack, redaction.pdu);
    if (await takeEffect(d, at, target, redaction, before)) return;
  }
}

async function takeEffect(
  d: WriteDependencies,
  { set, room, events }: DecisionPlace,
  target: StoredEvent,
  redaction: StoredEvent,
  before: StateView,
): Promise<boolean> {
  if (target.redactedBy !== undefined || !mayRedact(room, target, redaction, before)) return false;
  const planned = await prunedBy(d, room, target, redaction);
  addRedaction(d, set, room, redaction, planned);
  events.add(planned.redacted);
  return true;
}

/** Who has the power to, and the server of the event's own sender. */
function mayRedact(room: Room, target: StoredEvent, { sender }: StoredEvent, before: StateView): boolean {
  if (target.type === 'm.room.create') return false;
  // Authorization has decided on it where it has a rule for that.
  if (room.rules.specialCaseRedactionAuth) return true;
  const levels = powerLevels(room.rules, before);
  return levels.userLevel(sender) >= levels.redact || serverOf(sender) === serverOf(target.sender);
}
