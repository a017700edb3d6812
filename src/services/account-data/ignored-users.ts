import { isJsonObject } from '../../protocol/json.ts';

/**
 * The user ids in the content of `m.ignored_user_list` of `owner`, without the owner's. The client alone vouches for
 * what it is.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mignored_user_list
 */
export function ignoredUsersIn(owner: string, content: string | undefined): ReadonlySet<string> {
  const list: unknown = content === undefined ? undefined : JSON.parse(content);
  const users = isJsonObject(list) ? list['ignored_users'] : undefined;
  return new Set(isJsonObject(users) ? Object.keys(users).filter((userId) => userId !== owner) : []);
}
