/**
 * Rule 11 of room versions 1 and 2: `m.room.redaction`.
 * Source: https://spec.matrix.org/v1.19/rooms/v1/#authorisation-rules
 */
import type { Pdu } from '../events/pdu.ts';
import { serverOf } from '../identifiers/parts.ts';
import type { PowerLevels } from './power-levels.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

/** `eventId` is the redaction's own id, which in these versions names the server that made it. */
export function authorizeRedaction(pdu: Pdu, eventId: string | undefined, levels: PowerLevels): Verdict {
  if (levels.userLevel(pdu.sender) >= levels.redact) return ALLOWED;
  const redacted = typeof pdu.redacts === 'string' ? serverOf(pdu.redacts) : undefined;
  if (redacted !== undefined && eventId !== undefined && redacted === serverOf(eventId)) return ALLOWED;
  return refused('redaction.level', 'Your power level is too low to redact this event');
}
