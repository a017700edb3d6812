import { type Branded, isBoundedText } from './brand.ts';
import { hasSigilAndServer } from './parts.ts';
import type { ServerName } from './server-name.ts';

export type RoomAlias = Branded<'RoomAlias'>;

/** Whether `text` is a room alias with a localpart. Source: https://spec.matrix.org/v1.19/appendices/#room-aliases */
export function isRoomAlias(text: unknown): text is RoomAlias {
  return typeof text === 'string' && isBoundedText(text) && hasSigilAndServer(text, '#') && text[1] !== ':';
}

/** The alias of a localpart on a server, or undefined if there is no such alias. */
export function makeRoomAlias(localpart: string, server: ServerName | string): RoomAlias | undefined {
  const alias = `#${localpart}:${server}`;
  return !localpart.includes(':') && isRoomAlias(alias) ? alias : undefined;
}
