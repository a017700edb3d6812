import type { Pdu } from '../events/pdu.ts';

/** Names one entry of a room's state. Made by `stateMapKey` and never taken apart again. */
export type StateMapKey = string;

/** Room state as resolution takes and gives it: entry → event id. */
export type StateMap = ReadonlyMap<StateMapKey, string>;

/**
 * The key of `(type, stateKey)`. Both halves may hold any character, NUL too: the length in front keeps pairs apart
 * that a separator would let a hostile server mix up.
 */
export function stateMapKey(type: string, stateKey: string): StateMapKey {
  return `${type.length}:${type}${stateKey}`;
}

/** The entry that a state event sets. */
export function stateMapKeyOf(pdu: Pdu): StateMapKey {
  return stateMapKey(pdu.type, pdu.state_key ?? '');
}
