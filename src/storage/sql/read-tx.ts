import type { ReadTx } from '../contract/read-tx.ts';
import { eventStore } from './events.ts';
import type { Reader } from './query.ts';
import { roomStore } from './rooms.ts';

/** The stores over one reader. */
export function readTx(reader: Reader): ReadTx {
  return {
    events: eventStore(reader),
    rooms: roomStore(reader),
  };
}
