/** The keys of a live room in Redis: with one hash tag, so that a script may use them together. */
export interface RoomKeys {
  readonly meta: string;
  readonly stream: string;
  readonly text: string;
}

export function roomKeys(prefix: string, room: string): RoomKeys {
  const base = `${prefix}live:{${room}}`;
  return { meta: `${base}:meta`, stream: `${base}:stream`, text: `${base}:text` };
}
