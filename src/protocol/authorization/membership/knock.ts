/**
 * Rule 5.7: knocking, from room version 7 on.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { joinRuleOf, membershipOf } from './membership-of.ts';

export function authorizeKnock({ rules, sender, target, state }: MemberChange): Verdict {
  const joinRule = joinRuleOf(state);
  if (joinRule !== 'knock' && !(rules.knockRestrictedJoinRule && joinRule === 'knock_restricted')) {
    return refused('membership.knock_rule', 'Knocking is not possible in this room');
  }
  if (sender !== target) return refused('membership.knock_other', 'Nobody can knock for another user');
  switch (membershipOf(state, sender)) {
    case 'ban':
      return refused('membership.banned', 'You are banned from this room');
    case 'invite':
      return refused('membership.already_invited', 'You are invited to this room already');
    case 'join':
      return refused('membership.already_joined', 'You are in this room already');
    default:
      return ALLOWED;
  }
}
