import { type Branded, isBoundedText } from './brand.ts';
import { hasSigilAndServer, localpartOf } from './parts.ts';
import type { ServerName } from './server-name.ts';

export type UserId = Branded<'UserId'>;

const STRICT_LOCALPART = /^[a-z0-9._=/+-]+$/;
const COMPLIANT_LOCALPART = /^[\x21-\x39\x3b-\x7e]+$/;

/**
 * Whether `text` is a user id that may occur in events: historical ones with any localpart, even an empty one, too.
 * Source: https://spec.matrix.org/v1.19/appendices/#historical-user-ids
 */
export function isUserId(text: unknown): text is UserId {
  return typeof text === 'string' && isBoundedText(text) && hasSigilAndServer(text, '@');
}

/** Whether the user may be mentioned outside of events, as in device lists: a localpart of visible ASCII characters. */
export function isCompliantUserId(text: unknown): text is UserId {
  return isUserId(text) && COMPLIANT_LOCALPART.test(localpartOf(text));
}

/** Whether a new account may have this localpart. Source: https://spec.matrix.org/v1.19/appendices/#user-identifiers */
export function isStrictLocalpart(localpart: string): boolean {
  return STRICT_LOCALPART.test(localpart);
}

/** The user id of a localpart on a server, or undefined where a new account may not have it (grammar, 255 bytes). */
export function makeUserId(localpart: string, server: ServerName | string): UserId | undefined {
  const id = `@${localpart}:${server}`;
  return isStrictLocalpart(localpart) && isUserId(id) ? id : undefined;
}

/**
 * What a person typed as a user name at login, as a user id: a full id as it is, otherwise the localpart lower-cased
 * on `server`. Undefined if neither gives a user id.
 */
export function userIdFromLoginName(name: string, server: ServerName | string): UserId | undefined {
  const id = name.startsWith('@') ? name : `@${name.toLowerCase()}:${server}`;
  return isUserId(id) ? id : undefined;
}
