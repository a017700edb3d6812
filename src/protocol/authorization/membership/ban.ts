/**
 * Rule 5.6: banning.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { PowerLevels } from '../power-levels.ts';
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { membershipOf } from './membership-of.ts';

export function authorizeBan({ sender, target, state }: MemberChange, levels: PowerLevels): Verdict {
  if (membershipOf(state, sender) !== 'join') return refused('sender.not_joined', 'You are not in this room');
  const senderLevel = levels.userLevel(sender);
  if (senderLevel < levels.ban) {
    return refused('membership.ban_level', 'Your power level is too low to ban others from this room');
  }
  if (levels.userLevel(target) >= senderLevel) {
    return refused('membership.target_level', `You cannot ban ${target}, whose power level is not below yours`);
  }
  return ALLOWED;
}
