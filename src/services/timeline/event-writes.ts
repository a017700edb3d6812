import type { BuiltEvent } from '../../protocol/events/build-event.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { relationIn, threadRootIn } from '../../protocol/events/relations.ts';
import { EventKind } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from './event-cache.ts';
import type { NotificationPlan } from './notification-plan.ts';
import { isOpen, OPENING_TYPES } from './open-rooms.ts';
import { addOutgoingEvent, addServerStay } from './outgoing-events.ts';
import { LIVE_CHUNK } from './page-token.ts';
import { type PlannedRedaction, replacesState } from './redaction.ts';
import { type Room, stateKeyOf } from './room.ts';
import { nextLayer, packEntries } from './state-layers.ts';
import { StoredEvent } from './stored-event.ts';
import { strippedStateFor } from './stripped-state.ts';

export interface WriteDependencies {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly notices: NoticeBoard;
  readonly isLocal: (userId: string) => boolean;
}

/**
 * Adds an authorized event to a write set and to the room's decided head; once committed, to the room itself.
 *
 * @param relayedFrom the server that made the event, if this one took it upon itself to send it to the others of the room.
 */
export function addEvent(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  built: BuiltEvent,
  plan: NotificationPlan,
  redaction: PlannedRedaction | undefined,
  relayedFrom?: string,
): StoredEvent {
  const { decided } = room;
  const { pdu } = built;
  const nid = d.storage.nextNid('event');
  const isState = pdu.state_key !== undefined;
  const before = decided.layers.at(-1)?.nid ?? null;
  const replaced = isState ? room.decidedState.get(pdu.type, pdu.state_key!) : undefined;
  const keyNid = isState ? addStateChange(d, set, room, pdu.type, pdu.state_key!, nid) : undefined;
  const threadRoot = isState ? undefined : threadRootIn(pdu.content);
  if (plan.notify > 0 && threadRoot === undefined) decided.notifyMain += 1;
  const row = {
    event_nid: nid,
    event_id: built.eventId,
    room_nid: room.nid,
    type: pdu.type,
    state_key: pdu.state_key ?? null,
    sender: pdu.sender,
    origin_server_ts: pdu.origin_server_ts,
    depth: pdu.depth,
    kind: EventKind.timeline,
    chunk: LIVE_CHUNK,
    state_layer: decided.layers.at(-1)?.nid ?? null,
    state_before: isState ? before : null,
    thread_root: threadRoot ?? null,
    notify: plan.notify,
    notify_main: decided.notifyMain,
    unsigned: replaced ? replacesState(replaced) : null,
    json: built.json,
  };
  const event = new StoredEvent({ ...row, redacted_by: null }, room.id, pdu);
  event.notified = plan.users;
  const position = set.nextPosition();
  set.add('events.insert', { ...row, stream_position: position, chunk_index: position });
  if (keyNid !== undefined) {
    const wasOpen = OPENING_TYPES.has(pdu.type) && isOpen(room);
    decided.putState(keyOf(event), event);
    addCurrentState(set, room, event, keyNid, replaced, position);
    if (OPENING_TYPES.has(pdu.type)) addOpenness(set, room, wasOpen);
  }
  const stripped = isState ? addMembership(set, room, event, replaced, position) : undefined;
  if (pdu.type === 'm.room.member' && isState) {
    addServerStay(set, room, pdu.state_key!, { before: replaced, after: event }, position);
  }
  const origin = d.isLocal(pdu.sender) ? '' : relayedFrom;
  if (origin !== undefined) addOutgoingEvent(d, set, room, event, position, origin);
  addExtremity(set, room, event);
  addRelation(set, event);
  addNotifications(set, event, plan, position);
  if (redaction) addRedaction(d, set, room, event, redaction);
  set.onCommitted((committed) => {
    event.position = committed.position(position);
    event.chunkIndex = event.position;
    d.events.put(event);
    if (keyNid !== undefined) {
      room.putState(event, keyNid);
      decided.settleState(keyOf(event), event);
      publishState(d, room, event, replaced);
      publishMembership(d, room, event, replaced, stripped);
    }
    room.putRecent(event);
    d.notices.publish('timeline', { roomId: room.id, roomNid: room.nid, eventNid: nid, position: event.position });
  });
  return event;
}

/** Numbers the state key if it is new, and puts a layer with the change on the room's stack. */
function addStateChange(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  type: string,
  stateKey: string,
  eventNid: number,
): number {
  const { decided } = room;
  let keyNid = room.keyNid(type, stateKey);
  if (keyNid === undefined) {
    keyNid = decided.numberKey(stateKeyOf(type, stateKey));
    set.add('state_keys.insert', { room_nid: room.nid, key_nid: keyNid, type, state_key: stateKey });
  }
  const whole = () => room.decidedEntries().set(keyNid, eventNid);
  const layer = nextLayer(decided.layers, [keyNid, eventNid], whole);
  const nid = d.storage.nextNid('layer');
  set.add('state_layers.insert', {
    layer_nid: nid,
    room_nid: room.nid,
    parent: layer.parent ?? null,
    depth: layer.depth,
    size: layer.entries.size,
    diff: packEntries(layer.entries),
  });
  const beneath = decided.layers.slice(0, layer.depth - 1);
  const entries = layer.parent === undefined ? undefined : layer.entries;
  decided.layers = [...beneath, { nid, depth: layer.depth, size: layer.entries.size, entries }];
  return keyNid;
}

function addCurrentState(
  set: WriteSet,
  room: Room,
  event: StoredEvent,
  keyNid: number,
  replaced: StoredEvent | undefined,
  position: PositionOffset,
): void {
  set.add('current_state.put', { room_nid: room.nid, key_nid: keyNid, event_nid: event.nid });
  set.add('current_state_deltas.insert', {
    room_nid: room.nid,
    position,
    key_nid: keyNid,
    old_event_nid: replaced?.nid ?? null,
    new_event_nid: event.nid,
  });
}

function addOpenness(set: WriteSet, room: Room, wasOpen: boolean): void {
  const isOpenNow = isOpen(room);
  if (isOpenNow === wasOpen) return;
  set.add(isOpenNow ? 'open_rooms.put' : 'open_rooms.delete', { room_nid: room.nid });
}

/** Adds the membership that the event gives, if it gives one; answers the stripped state that goes with it. */
function addMembership(
  set: WriteSet,
  room: Room,
  event: StoredEvent,
  replaced: StoredEvent | undefined,
  position: PositionOffset,
): string | undefined {
  const membership = event.type === 'm.room.member' ? membershipIn(event.content) : undefined;
  if (membership === undefined) return undefined;
  // A change of name is no change of membership: its position stays that of the join.
  if (isRenaming(event, replaced)) {
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

/** Whether somebody who is in the room stays in it, under another name or picture. */
function isRenaming(event: StoredEvent, replaced: StoredEvent | undefined): boolean {
  return membershipIn(event.content) === 'join' && membershipIn(replaced?.content) === 'join';
}

function publishMembership(
  d: WriteDependencies,
  room: Room,
  event: StoredEvent,
  replaced: StoredEvent | undefined,
  strippedState: string | undefined,
): void {
  const membership = event.type === 'm.room.member' ? membershipIn(event.content) : undefined;
  if (membership === undefined || !d.isLocal(event.stateKey!) || isRenaming(event, replaced)) return;
  d.notices.publish('membership', {
    roomId: room.id,
    roomNid: room.nid,
    userId: event.stateKey!,
    membership,
    eventNid: event.nid,
    position: event.position,
    strippedState,
  });
}

function publishState(d: WriteDependencies, room: Room, event: StoredEvent, before: StoredEvent | undefined): void {
  d.notices.publish('currentState', {
    roomId: room.id,
    roomNid: room.nid,
    type: event.type,
    stateKey: event.stateKey!,
    before,
    after: event,
    position: event.position,
  });
}

function addExtremity(set: WriteSet, room: Room, event: StoredEvent): void {
  const { decided } = room;
  for (const old of decided.extremities) {
    set.add('forward_extremities.delete', { room_nid: room.nid, event_nid: old.nid });
  }
  set.add('forward_extremities.insert', { room_nid: room.nid, event_nid: event.nid });
  decided.extremities = [{ nid: event.nid, eventId: event.eventId, depth: event.depth }];
}

function addRelation(set: WriteSet, event: StoredEvent): void {
  const relation = event.stateKey === undefined ? relationIn(event.content) : undefined;
  if (!relation) return;
  set.add('events.relate', {
    room_nid: event.roomNid,
    relates_to: relation.eventId,
    rel_type: relation.relType,
    event_nid: event.nid,
  });
}

function addNotifications(set: WriteSet, event: StoredEvent, plan: NotificationPlan, position: PositionOffset): void {
  for (const { userId, notify, highlight } of plan.users) {
    set.add('event_notifications.insert', {
      user_id: userId,
      room_nid: event.roomNid,
      position,
      thread_root: event.threadRoot ?? null,
      notify,
      highlight,
    });
  }
}

function addRedaction(
  d: WriteDependencies,
  set: WriteSet,
  room: Room,
  redaction: StoredEvent,
  { redacted, replacement }: PlannedRedaction,
): void {
  set.add('events.redact', {
    event_id: redacted.eventId,
    redacted_by: redaction.eventId,
    unsigned: redacted.unsigned,
    json: redacted.json,
  });
  const changed = replacement ? [redacted, replacement] : [redacted];
  if (replacement) set.add('events.setUnsigned', { event_id: replacement.eventId, unsigned: replacement.unsigned });
  // Whoever decides next must not repeat what is going away.
  for (const event of changed) if (isDecidedState(room, event)) room.decided.putState(keyOf(event), event);
  set.onCommitted(() => {
    for (const event of changed) {
      // What took its place may itself have been on its way when the copy was made.
      event.position ||= d.events.peek(event.nid)?.position ?? 0;
      event.chunkIndex ||= event.position;
      d.events.put(event);
      room.replace(event);
      if (event.stateKey !== undefined) room.decided.settleState(keyOf(event), event);
    }
    d.notices.publish('redaction', { roomId: room.id, eventId: redacted.eventId });
  });
}

const keyOf = (event: StoredEvent): string => stateKeyOf(event.type, event.stateKey!);

function isDecidedState(room: Room, event: StoredEvent): boolean {
  return event.stateKey !== undefined && room.decidedState.get(event.type, event.stateKey)?.nid === event.nid;
}
