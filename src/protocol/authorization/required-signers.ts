/**
 * Which servers must have signed an event.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events
 */

import { serverOf } from '../identifiers/parts.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { Candidate } from './authorize.ts';

/**
 * Names of the servers without whose valid signature the event must be dropped: the sender's; in room versions 1 and 2
 * the one that the event id names; from 8 on the one whose user let the sender in. The invite that comes from a
 * third-party invite is signed by the server of the invited user, not that of the sender.
 */
export function requiredSigners(rules: RoomVersionRules, event: Candidate): string[] {
  const { pdu } = event;
  const signers = new Set<string>();
  const add = (id: unknown) => {
    const server = typeof id === 'string' ? serverOf(id) : undefined;
    if (server !== undefined) signers.add(server);
  };
  const isMember = pdu.type === 'm.room.member';
  const fromThirdParty =
    isMember && pdu.content['membership'] === 'invite' && pdu.content['third_party_invite'] !== undefined;
  if (!fromThirdParty) add(pdu.sender);
  if (rules.eventIdFormat === 'server-chosen') add(event.eventId);
  if (isMember && rules.restrictedJoinRule) add(pdu.content['join_authorised_via_users_server']);
  return [...signers];
}
