/**
 * Rule 5.4: inviting.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { PowerLevels } from '../power-levels.ts';
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { membershipOf } from './membership-of.ts';
import { authorizeThirdPartyInvite } from './third-party-invite.ts';

export function authorizeInvite(change: MemberChange, levels: PowerLevels): Verdict {
  const { pdu, sender, target, state } = change;
  if (pdu.content['third_party_invite'] !== undefined) return authorizeThirdPartyInvite(change);
  if (membershipOf(state, sender) !== 'join') return refused('sender.not_joined', 'You are not in this room');
  const membership = membershipOf(state, target);
  if (membership === 'ban') return refused('membership.target_banned', `${target} is banned from this room`);
  if (membership === 'join') return refused('membership.already_joined', `${target} is in this room already`);
  if (levels.userLevel(sender) < levels.invite) {
    return refused('membership.invite_level', 'Your power level is too low to invite others to this room');
  }
  return ALLOWED;
}
