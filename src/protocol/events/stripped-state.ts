import { isJsonObject, type JsonObject } from '../json.ts';
import type { Pdu } from './pdu.ts';

/** A state event as those see it who are not in the room (yet). */
export interface StrippedStateEvent extends JsonObject {
  type: string;
  state_key: string;
  sender: string;
  content: JsonObject;
}

/**
 * The state, each with an empty state key, that somebody invited or knocking is told of. Beside it belongs their own
 * `m.room.member` and, with an invite, that of the one who invites.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#stripped-state
 */
export const STRIPPED_STATE_TYPES: readonly string[] = [
  'm.room.create',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.encryption',
];

/** A state event stripped to what the specification allows; undefined for what is no state event of the right form. */
export function strippedState(event: Pdu | JsonObject): StrippedStateEvent | undefined {
  const { type, state_key: stateKey, sender, content } = event;
  if (typeof type !== 'string' || typeof stateKey !== 'string' || typeof sender !== 'string') return undefined;
  return isJsonObject(content) ? { type, state_key: stateKey, sender, content } : undefined;
}
