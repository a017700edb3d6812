/**
 * The auth difference: ∪ Cᵢ − ∩ Cᵢ, where Cᵢ is the full auth chain of the state Sᵢ.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#definitions
 */
export function authDifference(fullAuthChains: readonly ReadonlySet<string>[]): Set<string> {
  const difference = new Set<string>();
  for (const chain of fullAuthChains) {
    for (const eventId of chain) {
      if (!fullAuthChains.every((other) => other.has(eventId))) difference.add(eventId);
    }
  }
  return difference;
}
