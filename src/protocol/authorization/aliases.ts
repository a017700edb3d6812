/**
 * Rule 4 of room versions 1 to 5: `m.room.aliases`.
 * Source: https://spec.matrix.org/v1.19/rooms/v1/#authorisation-rules
 */
import type { Pdu } from '../events/pdu.ts';
import { serverOf } from '../identifiers/parts.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

export function authorizeAliases(pdu: Pdu): Verdict {
  if (pdu.state_key === undefined) return refused('aliases.state_key', 'Aliases are set as state');
  if (serverOf(pdu.sender) !== pdu.state_key) {
    return refused('aliases.domain', 'A server can only set its own aliases');
  }
  return ALLOWED;
}
