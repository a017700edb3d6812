import { invalidUsername } from '../../protocol/errors.ts';
import { makeUserId, type UserId } from '../../protocol/identifiers/user-id.ts';

/**
 * The user id for the user name that somebody wants: capitals are folded.
 * Source: https://spec.matrix.org/v1.19/appendices/#user-identifiers
 *
 * @throws 400 `M_INVALID_USERNAME`
 */
export function newUserId(username: string, serverName: string): UserId {
  const userId = makeUserId(username.toLowerCase(), serverName);
  if (userId === undefined) {
    throw invalidUsername('User names can have up to 200 letters a-z, digits and the characters . _ = - / +');
  }
  return userId;
}

/**
 * Keeps people from names that have a meaning: `_` begins those of bridges, and guests are numbers.
 *
 * @throws 400 `M_INVALID_USERNAME`
 */
export function checkForPeople(userId: UserId): void {
  if (userId.startsWith('@_')) throw invalidUsername('User names cannot begin with _');
  if (/^@\d+:/.test(userId)) throw invalidUsername('User names cannot consist of digits only');
}
