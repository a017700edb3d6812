import type { JsonObject } from '../../protocol/json.ts';

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
