import { stringIn } from '../events/content-readers.ts';
import type { Pdu } from '../events/pdu.ts';
import { serverOf } from '../identifiers/parts.ts';
import type { ServerName } from '../identifiers/server-name.ts';
import { isJsonObject } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';

/** Whether the event is an invite that follows from an invite by mail or phone: another server may then send it. */
function isThirdPartyInvite(pdu: Pdu): boolean {
  return (
    pdu.type === 'm.room.member' &&
    isJsonObject(pdu.content) &&
    pdu.content['membership'] === 'invite' &&
    isJsonObject(pdu.content['third_party_invite'])
  );
}

/**
 * The servers whose signatures an event must bear, or undefined if one of the ids that name them has no server.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events
 */
export function requiredSigners(pdu: Pdu, rules: RoomVersionRules): ReadonlySet<ServerName> | undefined {
  const ids: (string | undefined)[] = [];
  if (!isThirdPartyInvite(pdu)) ids.push(stringIn(pdu, 'sender') ?? '');
  if (rules.eventIdFormat === 'server-chosen') ids.push(stringIn(pdu, 'event_id') ?? '');
  if (rules.restrictedJoinRule && pdu.type === 'm.room.member') {
    ids.push(stringIn(pdu.content, 'join_authorised_via_users_server'));
  }
  const servers = new Set<ServerName>();
  for (const id of ids) {
    if (id === undefined) continue;
    const server = serverOf(id);
    if (server === undefined) return undefined;
    servers.add(server);
  }
  return servers;
}
