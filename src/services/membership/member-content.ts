import { stringIn } from '../../protocol/events/content-readers.ts';
import { type JsonObject, setOwn, withKey } from '../../protocol/json.ts';

/** What rooms show of a user. */
export interface MemberProfile {
  readonly displayname?: string;
  readonly avatar_url?: string;
}

/** Profiles of this server's users; empty for everybody else. */
export interface MemberProfiles {
  memberProfile(userId: string): MemberProfile | Promise<MemberProfile>;
}

/**
 * The content of `m.room.member` for somebody who comes in, is invited or knocks.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroommember
 */
export function memberContent(
  membership: 'join' | 'invite' | 'knock',
  profile: MemberProfile,
  extra: {
    readonly reason?: string | undefined;
    readonly isDirect?: boolean;
    readonly voucher?: string | undefined;
  } = {},
): JsonObject {
  const content: JsonObject = { membership };
  if (profile.displayname !== undefined) content['displayname'] = profile.displayname;
  if (profile.avatar_url !== undefined) content['avatar_url'] = profile.avatar_url;
  if (extra.isDirect) content['is_direct'] = true;
  if (extra.reason !== undefined) content['reason'] = extra.reason;
  if (extra.voucher !== undefined) content['join_authorised_via_users_server'] = extra.voucher;
  return content;
}

/** The content for somebody who goes out, by themselves or not. */
export function outContent(membership: 'leave' | 'ban', reason: string | undefined): JsonObject {
  return reason === undefined ? { membership } : { membership, reason };
}

/** What the server says itself when somebody joins, and what is for the server alone. */
const NOT_OF_CLIENTS: ReadonlySet<string> = new Set([
  'membership',
  'join_authorised_via_users_server',
  'third_party_signed',
]);

/** The content for somebody who joins, with whatever else they want to say. */
export function joinContent(given: JsonObject, profile: MemberProfile): JsonObject {
  const content: JsonObject = { membership: 'join' };
  for (const key of Object.keys(given)) if (!NOT_OF_CLIENTS.has(key)) setOwn(content, key, given[key]);
  return completedContent(content, profile);
}

/** The content with the name and avatar of the user's profile where it gives none. */
export function completedContent(content: JsonObject, profile: MemberProfile): JsonObject {
  const full: JsonObject = {};
  for (const key of Object.keys(content)) setOwn(full, key, content[key]);
  for (const key of ['displayname', 'avatar_url'] as const) {
    const value = profile[key];
    if (value !== undefined && !Object.hasOwn(content, key)) full[key] = value;
  }
  return full;
}

/** The content with who lets somebody in, or with nobody: that is for the server to say. */
export function withVoucher(content: JsonObject, voucher: string | undefined): JsonObject {
  const key = 'join_authorised_via_users_server';
  if (voucher !== undefined) return withKey(content, key, voucher);
  if (stringIn(content, key) === undefined) return content;
  const without: JsonObject = {};
  for (const name of Object.keys(content)) if (name !== key) setOwn(without, name, content[name]);
  return without;
}
