import { hash } from 'node:crypto';
import { canonicalJson } from '../canonical-json/canonical-json.ts';
import type { Pdu } from '../events/pdu.ts';
import { redactEvent } from '../events/redact-event.ts';
import type { EventId } from '../identifiers/event-id.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { toUrlSafe, unpad } from './base64.ts';

const NOT_HASHED: ReadonlySet<string> = new Set(['unsigned', 'signatures', 'hashes']);

/** SHA-256 of `text` in UTF-8, as unpadded base64. */
export function sha256Base64(text: string): string {
  return unpad(hash('sha256', text, 'base64'));
}

/**
 * The hash over all of an event, in unpadded base64, as it stands in `hashes.sha256`.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#calculating-the-content-hash-for-an-event
 *
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function contentHash(event: JsonObject, rules: RoomVersionRules): string {
  const covered: JsonObject = Object.create(null);
  for (const key of Object.keys(event)) {
    if (!NOT_HASHED.has(key)) covered[key] = event[key];
  }
  return sha256Base64(canonicalJson(covered, { strict: rules.strictCanonicalJson }));
}

/** Whether the hash in `hashes.sha256` is that of the event: if not, only its redacted form may be used. */
export function hasValidContentHash(event: JsonObject, rules: RoomVersionRules): boolean {
  const hashes = event['hashes'];
  const claimed = isJsonObject(hashes) ? hashes['sha256'] : undefined;
  return typeof claimed === 'string' && unpad(claimed) === contentHash(event, rules);
}

/** What signatures and the reference hash cover: the canonical JSON of the redacted event without `signatures`. */
export function essentialText(event: JsonObject, rules: RoomVersionRules): string {
  const redacted = redactEvent(event as Pdu, rules.redaction);
  const covered: JsonObject = Object.create(null);
  for (const key of Object.keys(redacted)) {
    if (key !== 'signatures') covered[key] = redacted[key];
  }
  return canonicalJson(covered, { strict: rules.strictCanonicalJson });
}

/**
 * The hash over what a redaction leaves of an event, in unpadded base64.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#calculating-the-reference-hash-for-an-event
 *
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function referenceHash(event: JsonObject, rules: RoomVersionRules): string {
  return sha256Base64(essentialText(event, rules));
}

/** The event id that the reference hash of `essential` gives. Source: https://spec.matrix.org/v1.19/rooms/v4/#event-ids */
export function eventIdOfText(essential: string, rules: RoomVersionRules): EventId {
  const reference = sha256Base64(essential);
  return `$${rules.eventIdFormat === 'hash-url-safe' ? toUrlSafe(reference) : reference}` as EventId;
}

/**
 * The id of an event in its room version: the hash of what it is, or in versions 1 and 2 the `event_id` it brings.
 * Undefined where those bring none.
 *
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function eventIdOf(event: JsonObject, rules: RoomVersionRules): EventId | undefined {
  if (rules.eventIdFormat !== 'server-chosen') return eventIdOfText(essentialText(event, rules), rules);
  const eventId = event['event_id'];
  return typeof eventId === 'string' ? (eventId as EventId) : undefined;
}
