import { unrecognized } from '../../../protocol/errors.ts';
import type { JsonObject } from '../../../protocol/json.ts';

/** What came of a PDU, as the answer of `PUT /send/{txnId}` tells it. */
export interface PduVerdict {
  /** Empty for a PDU that is too malformed to have an id. */
  readonly eventId: string;
  /** Why it was not accepted, readable; undefined for one that was, or was known already. */
  readonly error?: string;
}

/** Takes in the events that other servers send. */
export class PduReceiver {
  /**
   * Checks and stores events of one room that `origin` sent, in the order given; missing ones before them are fetched.
   * A verdict each, in the same order.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
   * @throws StorageUnavailableError: nothing is known of those events then, and they are to be received again
   */
  async receive(_origin: string, _roomId: string, _pdus: readonly JsonObject[]): Promise<PduVerdict[]> {
    throw unrecognized();
  }
}
