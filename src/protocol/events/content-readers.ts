import { isJsonObject, type JsonObject } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { Pdu } from './pdu.ts';

export type Membership = 'invite' | 'join' | 'knock' | 'leave' | 'ban';
export type HistoryVisibility = 'invited' | 'joined' | 'shared' | 'world_readable';

const MEMBERSHIPS: ReadonlySet<string> = new Set(['invite', 'join', 'knock', 'leave', 'ban']);
const VISIBILITIES: ReadonlySet<string> = new Set(['invited', 'joined', 'shared', 'world_readable']);

/** A string of the content, or undefined if it is absent or anything else. */
export function stringIn(object: JsonObject | undefined, key: string): string | undefined {
  if (!isJsonObject(object) || !Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

/** The membership in the content of `m.room.member`, or undefined for one that the specification does not know. */
export function membershipIn(content: JsonObject | undefined): Membership | undefined {
  const membership = stringIn(content, 'membership');
  return membership !== undefined && MEMBERSHIPS.has(membership) ? (membership as Membership) : undefined;
}

/** The join rule in the content of `m.room.join_rules`; `invite` where there is none. */
export function joinRuleIn(content: JsonObject | undefined): string {
  return stringIn(content, 'join_rule') ?? 'invite';
}

/**
 * The visibility in the content of `m.room.history_visibility`; `shared` where there is none or one unheard of.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
 */
export function historyVisibilityIn(content: JsonObject | undefined): HistoryVisibility {
  const visibility = stringIn(content, 'history_visibility');
  return visibility !== undefined && VISIBILITIES.has(visibility) ? (visibility as HistoryVisibility) : 'shared';
}

/** Whether the content of `m.room.guest_access` lets guests join. */
export function guestsCanJoin(content: JsonObject | undefined): boolean {
  return stringIn(content, 'guest_access') === 'can_join';
}

/** The room version in the content of `m.room.create`; `1` where there is none. */
export function roomVersionIn(content: JsonObject | undefined): string {
  return stringIn(content, 'room_version') ?? '1';
}

/** The kind of room in the content of `m.room.create`, as `m.space`; undefined for an ordinary one. */
export function roomTypeIn(content: JsonObject | undefined): string | undefined {
  return stringIn(content, 'type');
}

/** Whether the content of `m.room.create` lets users of other servers in. */
export function isFederated(content: JsonObject | undefined): boolean {
  return !isJsonObject(content) || content['m.federate'] !== false;
}

/** The event that a redaction names, wherever its room version puts it. */
export function redactsOf(pdu: Pdu, rules: RoomVersionRules): string | undefined {
  return stringIn(rules.redaction.redactsInContent ? pdu.content : pdu, 'redacts');
}
