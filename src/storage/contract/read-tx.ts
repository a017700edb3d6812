import type { AccountStore } from './accounts.ts';
import type { DeviceStore } from './devices.ts';
import type { EventStore } from './events.ts';
import type { ProfileStore } from './profiles.ts';
import type { RoomStore } from './rooms.ts';
import type { SessionStore } from './sessions.ts';

/** One store per area, grouped by what changes together. A look-up that finds nothing answers `undefined`. */
export interface ReadTx {
  readonly accounts: AccountStore;
  readonly devices: DeviceStore;
  readonly events: EventStore;
  readonly profiles: ProfileStore;
  readonly rooms: RoomStore;
  readonly sessions: SessionStore;
}
