/**
 * Rule 5.5: leaving, rejecting an invite, withdrawing a knock, kicking, and lifting a ban.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { PowerLevels } from '../power-levels.ts';
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { membershipOf } from './membership-of.ts';

export function authorizeLeave(change: MemberChange, levels: PowerLevels): Verdict {
  const { rules, sender, target, state } = change;
  const membership = membershipOf(state, target);
  if (sender === target) {
    if (membership === 'invite' || membership === 'join') return ALLOWED;
    if (membership === 'knock' && rules.knockJoinRule) return ALLOWED;
    if (membership === 'ban') return refused('membership.banned', 'You are banned from this room');
    return refused('membership.not_in_room', 'You are not in this room');
  }
  if (membershipOf(state, sender) !== 'join') return refused('sender.not_joined', 'You are not in this room');
  const senderLevel = levels.userLevel(sender);
  if (membership === 'ban' && senderLevel < levels.ban) {
    return refused('membership.unban_level', 'Your power level is too low to lift a ban');
  }
  if (senderLevel < levels.kick) {
    return refused('membership.kick_level', 'Your power level is too low to remove others from this room');
  }
  if (levels.userLevel(target) >= senderLevel) {
    return refused('membership.target_level', `You cannot remove ${target}, whose power level is not below yours`);
  }
  return ALLOWED;
}
