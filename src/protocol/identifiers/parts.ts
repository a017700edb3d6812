import type { Branded } from './brand.ts';
import { isServerName, type ServerName } from './server-name.ts';

/**
 * The server in an identifier `&localpart:server`. Undefined where there is none, as in the ids of events since room
 * version 3 and of rooms since 12, or where it is no server name.
 * Source: https://spec.matrix.org/v1.19/appendices/#common-identifier-format
 */
export function serverOf(id: Branded<'UserId'> | Branded<'RoomAlias'>): ServerName;
export function serverOf(id: string): ServerName | undefined;
export function serverOf(id: string): ServerName | undefined {
  const colon = id.indexOf(':');
  if (colon < 0) return undefined;
  const server = id.slice(colon + 1);
  return isServerName(server) ? server : undefined;
}

/** What stands between the sigil and the first colon: the whole rest where there is no server. */
export function localpartOf(id: string): string {
  const colon = id.indexOf(':');
  return id.slice(1, colon < 0 ? undefined : colon);
}

/** Whether `id` is the sigil, a localpart (perhaps empty), a colon and a server name. */
export function hasSigilAndServer(id: string, sigil: string): boolean {
  return id.startsWith(sigil) && serverOf(id) !== undefined;
}
