/**
 * What later rules read from the `m.room.create` event.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroomcreate
 */

import { isFederated, stringIn } from '../events/content-readers.ts';
import type { RoomEvent, StateView } from '../events/pdu.ts';
import { serverOf } from '../identifiers/parts.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';

/** The create event of a room's state, unless there is none or it was rejected. */
export function createEventOf(state: StateView): RoomEvent | undefined {
  const create = state.get('m.room.create', '');
  return create?.rejected ? undefined : create;
}

/** The one user who created the room: named by `creator` until room version 10, the sender from 11 on. */
export function roomCreator(rules: RoomVersionRules, create: RoomEvent): string | undefined {
  if (rules.implicitRoomCreator) return create.pdu.sender;
  return stringIn(create.pdu.content, 'creator');
}

/** Whether `userId` stands above all power levels. Nobody does before room version 12. */
export function isPrivilegedCreator(rules: RoomVersionRules, create: RoomEvent | undefined, userId: string): boolean {
  if (!rules.privilegedCreators || !create) return false;
  if (create.pdu.sender === userId) return true;
  const additional = create.pdu.content['additional_creators'];
  return Array.isArray(additional) && additional.includes(userId);
}

/** All users above the power levels, the sender of the create event first. Empty before room version 12. */
export function privilegedCreators(rules: RoomVersionRules, create: RoomEvent | undefined): string[] {
  if (!rules.privilegedCreators || !create) return [];
  const additional = create.pdu.content['additional_creators'];
  const named = Array.isArray(additional) ? additional.filter((id): id is string => typeof id === 'string') : [];
  return [...new Set([create.pdu.sender, ...named])];
}

/** Whether users of other servers than the creator's may take part. */
export function mayFederate(create: RoomEvent, sender: string): boolean {
  if (isFederated(create.pdu.content)) return true;
  return serverOf(sender) === serverOf(create.pdu.sender);
}
