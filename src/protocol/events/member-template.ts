/**
 * The events by which somebody asks to be let into a room of another server, or out of it: they are made from a template
 * of that server, which is trusted with nothing but the place in the room.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#joining-rooms
 */
import { isUserId } from '../identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import type { EventPrototype } from './build-event.ts';
import { membershipIn, stringIn } from './content-readers.ts';
import type { EventReference } from './pdu.ts';
import { isReferences, MAX_AUTH_EVENTS, MAX_PREV_EVENTS } from './pdu-format.ts';

/** What was asked for. */
export interface WishedMembership {
  readonly roomId: string;
  readonly userId: string;
  readonly membership: 'join' | 'leave' | 'knock';
}

/** What is taken over from a template. */
export interface MemberTemplate {
  readonly prevEvents: readonly EventReference[];
  readonly authEvents: readonly EventReference[];
  readonly depth: number;
  /** Who lets the user in by a condition of the join rule. */
  readonly voucher: string | undefined;
}

/** Reads a template, or undefined if it is not for what was wished: it must not be signed then. */
export function readMemberTemplate(
  event: JsonValue | undefined,
  { roomId, userId, membership }: WishedMembership,
  rules: RoomVersionRules,
): MemberTemplate | undefined {
  if (!isJsonObject(event)) return undefined;
  const { content, prev_events: prev, auth_events: auth } = event;
  const isWished =
    event['type'] === 'm.room.member' &&
    event['room_id'] === roomId &&
    event['sender'] === userId &&
    event['state_key'] === userId &&
    isJsonObject(content) &&
    membershipIn(content) === membership;
  if (!isWished || !isReferences(prev, MAX_PREV_EVENTS, rules) || prev.length === 0) return undefined;
  if (!isReferences(auth, MAX_AUTH_EVENTS, rules)) return undefined;
  const depth = event['depth'];
  if (typeof depth !== 'number' || !Number.isSafeInteger(depth) || depth < 0) return undefined;
  const voucher = stringIn(content, 'join_authorised_via_users_server');
  if (voucher !== undefined && !isUserId(voucher)) return undefined;
  return { prevEvents: prev, authEvents: auth, depth, voucher: membership === 'join' ? voucher : undefined };
}

/** The event to be built: the place in the room is the template's, all that it says is the user's own. */
export function memberPrototype(
  template: MemberTemplate,
  { roomId, userId }: WishedMembership,
  content: JsonObject,
  originServerTs: number,
): EventPrototype {
  return {
    type: 'm.room.member',
    room_id: roomId,
    sender: userId,
    state_key: userId,
    content,
    depth: template.depth,
    prev_events: template.prevEvents,
    auth_events: template.authEvents,
    origin_server_ts: originServerTs,
  };
}
