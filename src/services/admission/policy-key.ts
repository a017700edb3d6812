import type { Pdu } from '../../protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { essentialText } from '../../protocol/signing/event-hash.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';

/** The signature by which a policy server recommends an event. @throws CanonicalJsonError */
export function policySignature(pdu: Pdu, rules: RoomVersionRules, key: SigningKey): string {
  return key.sign(essentialText(pdu, rules));
}
