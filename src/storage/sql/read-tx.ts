import type { ReadTx } from '../contract/read-tx.ts';
import { accountStore } from './accounts.ts';
import { deviceStore } from './devices.ts';
import { eventStore } from './events.ts';
import { profileStore } from './profiles.ts';
import type { Reader } from './query.ts';
import { roomStore } from './rooms.ts';
import { sessionStore } from './sessions.ts';

/** The stores over one reader. */
export function readTx(reader: Reader): ReadTx {
  return {
    accounts: accountStore(reader),
    devices: deviceStore(reader),
    events: eventStore(reader),
    profiles: profileStore(reader),
    rooms: roomStore(reader),
    sessions: sessionStore(reader),
  };
}
