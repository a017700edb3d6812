import { unrecognized } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';

/** What a resident server answered when a user of this server joined by it. */
export interface JoinAnswer {
  readonly roomId: string;
  /** The room's version, as `make_join` told it. */
  readonly version: string;
  /** The resident server. */
  readonly origin: string;
  /** The join, signed by this server, and by the resident one where the room is restricted. */
  readonly joinEvent: JsonObject;
  /** The room's state before the join. */
  readonly state: readonly JsonObject[];
  readonly authChain: readonly JsonObject[];
}

/** Takes over rooms of other servers. */
export class RoomImport {
  /**
   * Verifies what a resident server told of a room, and makes the room known here with the join as its newest event. If
   * the room is known, it goes on in a new chunk.
   * @throws M_FORBIDDEN if the state does not allow the join; M_UNKNOWN 502 if the answer is no room's state
   */
  async join(_answer: JoinAnswer): Promise<void> {
    throw unrecognized();
  }
}
