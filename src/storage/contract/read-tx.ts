import type { EventStore } from './events.ts';
import type { RoomStore } from './rooms.ts';

/** One store per area, grouped by what changes together. A look-up that finds nothing answers `undefined`. */
export interface ReadTx {
  readonly events: EventStore;
  readonly rooms: RoomStore;
}
