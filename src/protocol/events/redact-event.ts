import { isJsonObject, type JsonObject } from '../json.ts';
import type { RedactionRules } from '../room-versions/rules.ts';
import type { Pdu } from './pdu.ts';

const KEPT_KEYS: readonly string[] = [
  'event_id',
  'type',
  'room_id',
  'sender',
  'state_key',
  'content',
  'hashes',
  'signatures',
  'depth',
  'prev_events',
  'auth_events',
  'origin_server_ts',
];
const KEPT_KEYS_OF_OLD = [...KEPT_KEYS, 'prev_state', 'origin', 'membership'];

const POWER_LEVELS_KEYS: readonly string[] = [
  'ban',
  'events',
  'events_default',
  'kick',
  'redact',
  'state_default',
  'users',
  'users_default',
];

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const key of keys) {
    if (Object.hasOwn(object, key)) picked[key] = object[key];
  }
  return picked;
}

/** Which keys of its content an event of `type` keeps, or `all`. */
function keptContentKeys(type: string, rules: RedactionRules): readonly string[] | 'all' {
  switch (type) {
    case 'm.room.member':
      return rules.keepMemberAuthorisedVia ? ['membership', 'join_authorised_via_users_server'] : ['membership'];
    case 'm.room.create':
      return rules.keepAllCreateContent ? 'all' : ['creator'];
    case 'm.room.join_rules':
      return rules.keepJoinRulesAllow ? ['join_rule', 'allow'] : ['join_rule'];
    case 'm.room.power_levels':
      return rules.keepPowerLevelsInvite ? [...POWER_LEVELS_KEYS, 'invite'] : POWER_LEVELS_KEYS;
    case 'm.room.history_visibility':
      return ['history_visibility'];
    case 'm.room.aliases':
      return rules.keepAliases ? ['aliases'] : [];
    case 'm.room.redaction':
      return rules.keepRedactionRedacts ? ['redacts'] : [];
    default:
      return [];
  }
}

/** What a redaction leaves of the content of an event; `content` itself where it leaves everything. */
export function redactContent(type: string, content: JsonObject, rules: RedactionRules): JsonObject {
  const keys = keptContentKeys(type, rules);
  if (keys === 'all') return content;
  const redacted = pick(content, keys);
  const invite = content['third_party_invite'];
  if (type === 'm.room.member' && rules.keepMemberThirdPartyInviteSigned && isJsonObject(invite)) {
    redacted['third_party_invite'] = pick(invite, ['signed']);
  }
  return redacted;
}

/**
 * The event without all that is not essential for it, as a new object that shares the values kept.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#redactions
 */
export function redactEvent(pdu: Pdu, rules: RedactionRules): Pdu {
  const redacted = pick(pdu, rules.keepOriginMembershipPrevState ? KEPT_KEYS_OF_OLD : KEPT_KEYS);
  redacted['content'] = isJsonObject(pdu.content) ? redactContent(pdu.type, pdu.content, rules) : {};
  return redacted as Pdu;
}
