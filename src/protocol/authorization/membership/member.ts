/**
 * Rule 5: `m.room.member`, by the membership that it sets.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { Pdu, StateView } from '../../events/pdu.ts';
import { isUserId } from '../../identifiers/user-id.ts';
import type { RoomVersionRules } from '../../room-versions/rules.ts';
import { powerLevels } from '../power-levels.ts';
import { refused, type Verdict } from '../verdict.ts';
import { authorizeBan } from './ban.ts';
import { authorizeInvite } from './invite.ts';
import { authorizeJoin } from './join.ts';
import { authorizeKnock } from './knock.ts';
import { authorizeLeave } from './leave.ts';

/** What every rule on memberships reads. */
export interface MemberChange {
  readonly rules: RoomVersionRules;
  readonly pdu: Pdu;
  readonly sender: string;
  readonly target: string;
  readonly state: StateView;
}

export function authorizeMember(rules: RoomVersionRules, pdu: Pdu, state: StateView): Verdict {
  const { membership } = pdu.content;
  if (pdu.state_key === undefined) return refused('membership.state_key', 'The membership is of nobody');
  if (membership === undefined) return refused('membership.missing', 'The event does not say which membership it sets');
  const voucher = pdu.content['join_authorised_via_users_server'];
  if (rules.restrictedJoinRule && voucher !== undefined && !isUserId(voucher)) {
    return refused('membership.voucher', 'join_authorised_via_users_server is not a user id, so no server can vouch');
  }
  const change: MemberChange = { rules, pdu, sender: pdu.sender, target: pdu.state_key, state };
  switch (membership) {
    case 'join':
      return authorizeJoin(change);
    case 'invite':
      return authorizeInvite(change, powerLevels(rules, state));
    case 'leave':
      return authorizeLeave(change, powerLevels(rules, state));
    case 'ban':
      return authorizeBan(change, powerLevels(rules, state));
    case 'knock':
      if (rules.knockJoinRule) return authorizeKnock(change);
  }
  return refused('membership.unknown', 'There is no such membership in this room version');
}
