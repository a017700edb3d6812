/**
 * The authorization rules, in the order of the specification.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { Pdu, StateView } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authorizeAliases } from './aliases.ts';
import { authorizeCreate } from './create.ts';
import { createEventOf, mayFederate } from './create-event.ts';
import { authorizeMember } from './membership/member.ts';
import { membershipOf } from './membership/membership-of.ts';
import { powerLevels } from './power-levels.ts';
import { authorizePowerLevels } from './power-levels-change.ts';
import { authorizeRedaction } from './redaction.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

/** An event to judge. One that is being built has no id yet; only redactions of room versions 1 and 2 need it. */
export interface Candidate {
  readonly pdu: Pdu;
  readonly eventId?: string;
}

/**
 * Whether `event` is allowed by `state`, which is the state that its `auth_events` select, the state before it, or the
 * current state, as the caller needs. Two rules are not in here, since they look at other things than state: those on
 * `auth_events` (`checkAuthEvents`) and on signatures (`verifyEvent`).
 */
export function authorize(rules: RoomVersionRules, event: Candidate, state: StateView): Verdict {
  const { pdu } = event;
  if (pdu.type === 'm.room.create') return authorizeCreate(rules, pdu);

  const create = createEventOf(state);
  if (!create) return refused('room.no_create', 'The room has no create event');
  if (rules.roomIdIsCreateHash && pdu.room_id !== `!${create.eventId.slice(1)}`) {
    return refused('room.room_id', 'The room id is not that of the create event');
  }
  if (!mayFederate(create, pdu.sender)) {
    return refused('room.federate', 'Only users of the server that created this room can take part in it');
  }
  if (rules.specialCaseAliasesAuth && pdu.type === 'm.room.aliases') return authorizeAliases(pdu);
  if (pdu.type === 'm.room.member') return authorizeMember(rules, pdu, state);
  if (membershipOf(state, pdu.sender) !== 'join') {
    return refused('sender.not_joined', 'You are not in this room');
  }

  const levels = powerLevels(rules, state);
  const senderLevel = levels.userLevel(pdu.sender);
  if (pdu.type === 'm.room.third_party_invite') {
    return senderLevel >= levels.invite
      ? ALLOWED
      : refused('third_party_invite.level', 'Your power level is too low to invite others to this room');
  }
  if (levels.eventLevel(pdu.type, pdu.state_key !== undefined) > senderLevel) {
    return refused('sender.level', `Your power level is too low to send ${pdu.type} events in this room`);
  }
  if (pdu.state_key?.startsWith('@') && pdu.state_key !== pdu.sender) {
    return refused('state_key.user', 'You cannot set state that belongs to another user');
  }
  if (pdu.type === 'm.room.power_levels') return authorizePowerLevels(rules, pdu, state, levels);
  if (rules.specialCaseRedactionAuth && pdu.type === 'm.room.redaction') {
    return authorizeRedaction(pdu, event.eventId, levels);
  }
  return ALLOWED;
}
