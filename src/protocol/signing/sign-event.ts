import type { EventSigner } from '../events/build-event.ts';
import type { Pdu } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { essentialText } from './event-hash.ts';
import { addSignature } from './sign-json.ts';

/**
 * Adds a signature to an event that has its hashes: of another server that vouches for it, as with invites.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#adding-hashes-and-signatures-to-outgoing-events
 *
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function signEvent(pdu: Pdu, rules: RoomVersionRules, signer: EventSigner): void {
  addSignature(pdu, signer.serverName, signer.key.keyId, signer.key.sign(essentialText(pdu, rules)));
}
