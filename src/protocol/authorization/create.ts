/**
 * Rule 1: `m.room.create`.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { Pdu } from '../events/pdu.ts';
import { serverOf } from '../identifiers/parts.ts';
import { isUserId } from '../identifiers/user-id.ts';
import { roomVersion } from '../room-versions/index.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

export function authorizeCreate(rules: RoomVersionRules, pdu: Pdu): Verdict {
  if (pdu.prev_events.length > 0) {
    return refused('create.prev_events', 'A room can only be created once, as its first event');
  }
  if (rules.roomIdIsCreateHash) {
    if (pdu.room_id !== undefined)
      return refused('create.room_id', 'The create event of this room version has no room id');
  } else if (serverOf(pdu.room_id ?? '') !== serverOf(pdu.sender)) {
    return refused('create.room_id_domain', 'The room id does not belong to the server of the sender');
  }
  const version = pdu.content['room_version'];
  if (version !== undefined && (typeof version !== 'string' || roomVersion(version) === undefined)) {
    return refused('create.room_version', 'The version of the room is not known');
  }
  if (!rules.implicitRoomCreator && pdu.content['creator'] === undefined) {
    return refused('create.creator', 'The create event does not name the creator');
  }
  if (rules.privilegedCreators && !validAdditionalCreators(pdu)) {
    return refused('create.additional_creators', 'additional_creators is not a list of user ids');
  }
  return ALLOWED;
}

function validAdditionalCreators(pdu: Pdu): boolean {
  const additional = pdu.content['additional_creators'];
  if (additional === undefined) return true;
  return Array.isArray(additional) && additional.every((id) => typeof id === 'string' && isUserId(id));
}
