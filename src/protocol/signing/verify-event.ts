import type { Pdu } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { essentialText, hasValidContentHash } from './event-hash.ts';
import { requiredSigners } from './required-signers.ts';
import { signaturesOf } from './sign-json.ts';
import type { VerifyKey } from './verify-key.ts';

/** What is known of a key of another server. */
export interface KnownKey {
  readonly key: VerifyKey;
  /** The last moment, in milliseconds since the epoch, at which events may have been signed with it. */
  readonly validUntilTs: number;
}

/** The keys at hand. Whoever gathers has fetched those that {@link signaturesOf} names. */
export type KeyLookup = (server: string, keyId: string) => KnownKey | undefined;

export type EventVerdict =
  /** Signed as it must be. Where the content hash does not match, only the redacted event may be used. */
  | { readonly valid: true; readonly contentHashMatches: boolean }
  | { readonly valid: false; readonly reason: 'bad-identifier' }
  | { readonly valid: false; readonly reason: 'not-signed' | 'unknown-key' | 'bad-signature'; readonly server: string };

type SignatureProblem = 'not-signed' | 'unknown-key';

/** A signature of an event that has to be right. */
export interface SignatureCheck {
  readonly server: string;
  readonly key: VerifyKey;
  readonly text: string;
  /** Base64. */
  readonly signature: string;
}

/**
 * Checks signatures and content hash of an event that another server made.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#validating-hashes-and-signatures-on-received-events
 *
 * @throws CanonicalJsonError if the event has no canonical form in this room version.
 */
export function verifyEvent(pdu: Pdu, rules: RoomVersionRules, keys: KeyLookup): EventVerdict {
  const checks = signatureChecks(pdu, rules, keys);
  if (!Array.isArray(checks)) return checks;
  const areRight = checks.map(({ key, text, signature }) => key.verify(text, signature));
  return verdictOn(pdu, rules, checks, areRight);
}

/**
 * The first half of {@link verifyEvent}: the signatures to verify, for who does that on another thread; or why the event
 * is not valid whatever they are.
 * @throws CanonicalJsonError
 */
export function signatureChecks(
  pdu: Pdu,
  rules: RoomVersionRules,
  keys: KeyLookup,
): SignatureCheck[] | Extract<EventVerdict, { valid: false }> {
  const servers = requiredSigners(pdu, rules);
  if (!servers) return { valid: false, reason: 'bad-identifier' };
  const text = essentialText(pdu, rules);
  const checks: SignatureCheck[] = [];
  for (const server of servers) {
    const ofServer = checksOf(pdu, server, text, rules, keys);
    if (typeof ofServer === 'string') return { valid: false, reason: ofServer, server };
    checks.push(...ofServer);
  }
  return checks;
}

/** The second half of {@link verifyEvent}: `areRight` says of each signature whether it is. */
export function verdictOn(
  pdu: Pdu,
  rules: RoomVersionRules,
  checks: readonly SignatureCheck[],
  areRight: readonly boolean[],
): EventVerdict {
  const wrong = checks.find((_, i) => areRight[i] !== true);
  if (wrong) return { valid: false, reason: 'bad-signature', server: wrong.server };
  return { valid: true, contentHashMatches: hasValidContentHash(pdu, rules) };
}

/** All signatures of the server by keys that are known and were valid must be right, and there must be one. */
function checksOf(
  pdu: Pdu,
  server: string,
  text: string,
  rules: RoomVersionRules,
  keys: KeyLookup,
): SignatureCheck[] | SignatureProblem {
  const signatures = signaturesOf(pdu, server);
  if (signatures.size === 0) return 'not-signed';
  const checks: SignatureCheck[] = [];
  for (const [keyId, signature] of signatures) {
    const known = keys(server, keyId);
    if (!known || (rules.enforceKeyValidity && known.validUntilTs < pdu.origin_server_ts)) continue;
    checks.push({ server, key: known.key, text, signature });
  }
  return checks.length === 0 ? 'unknown-key' : checks;
}
