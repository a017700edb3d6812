/**
 * Rule 5.3: joining.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import { prevEventIds } from '../../events/prev-event-ids.ts';
import { createEventOf, roomCreator } from '../create-event.ts';
import { powerLevels } from '../power-levels.ts';
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { joinRuleOf, membershipOf } from './membership-of.ts';

export function authorizeJoin(change: MemberChange): Verdict {
  const { sender, target, state } = change;
  if (isCreatorsFirstJoin(change)) return ALLOWED;
  if (sender !== target) return refused('membership.join_other', 'Nobody can join a room for another user');
  const membership = membershipOf(state, sender);
  if (membership === 'ban') return refused('membership.banned', 'You are banned from this room');
  const invitedOrIn = membership === 'invite' || membership === 'join';
  switch (joinRuleOf(state)) {
    case 'public':
      return ALLOWED;
    case 'invite':
      return invitedOrIn ? ALLOWED : notInvited();
    case 'knock':
      if (change.rules.knockJoinRule) return invitedOrIn ? ALLOWED : notInvited();
      break;
    case 'restricted':
      if (change.rules.restrictedJoinRule) return invitedOrIn ? ALLOWED : authorizeRestricted(change);
      break;
    case 'knock_restricted':
      if (change.rules.knockRestrictedJoinRule) return invitedOrIn ? ALLOWED : authorizeRestricted(change);
      break;
  }
  return refused('membership.join_rule', 'The join rule of this room lets nobody in');
}

function notInvited(): Verdict {
  return refused('membership.not_invited', 'You are not invited to this room');
}

function isCreatorsFirstJoin({ rules, pdu, target, state }: MemberChange): boolean {
  const create = createEventOf(state);
  const prevEvents = prevEventIds(pdu);
  if (!create || prevEvents.length !== 1) return false;
  return prevEvents[0] === create.eventId && roomCreator(rules, create) === target;
}

/** Somebody in the room who may invite has to vouch for who comes by a condition of the join rule. */
function authorizeRestricted({ rules, pdu, state }: MemberChange): Verdict {
  const voucher = pdu.content['join_authorised_via_users_server'];
  if (typeof voucher !== 'string') {
    return refused('membership.restricted', 'You are not invited and meet no condition to join this room');
  }
  if (membershipOf(state, voucher) !== 'join') {
    return refused('membership.voucher_not_joined', 'The user who lets you in is not in the room');
  }
  const levels = powerLevels(rules, state);
  if (levels.userLevel(voucher) < levels.invite) {
    return refused('membership.voucher_level', 'The user who lets you in may not invite others');
  }
  return ALLOWED;
}
