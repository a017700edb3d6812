/** Names an entry of a room's state in memory. No type has a NUL. */
export function stateKeyOf(type: string, stateKey: string): string {
  return `${type}\0${stateKey}`;
}

/** What {@link stateKeyOf} has put together. */
export function partsOfStateKey(key: string): [type: string, stateKey: string] {
  const at = key.indexOf('\0');
  return [key.slice(0, at), key.slice(at + 1)];
}
