/**
 * The full auth chain of a state.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */

/**
 * The auth chains of all events of a state, and these events. They belong to it so that an event which every state holds
 * is in no auth difference, no matter in which of them another event refers to it: other servers count so, and rooms
 * only stay one where all count alike.
 */
export function fullAuthChain(
  stateSet: Iterable<string>,
  authEventsOf: (eventId: string) => readonly string[],
): Set<string> {
  const chain = new Set(stateSet);
  // A set is iterated in the order of insertion, over what is added on the way too.
  for (const eventId of chain) for (const authEvent of authEventsOf(eventId)) chain.add(authEvent);
  return chain;
}
