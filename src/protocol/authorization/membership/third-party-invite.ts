/**
 * Rule 5.4.1: the invite of a user whose address was invited before.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import { CanonicalJsonError } from '../../canonical-json/canonical-json-error.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import { signaturesOf, signedText } from '../../signing/sign-json.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../signing/verify-key.ts';
import { own } from '../power-levels.ts';
import { ALLOWED, refused, type Verdict } from '../verdict.ts';
import type { MemberChange } from './member.ts';
import { membershipOf } from './membership-of.ts';

/** More pairs of key and signature than any invite has; beyond, an event would keep the processor busy for seconds. */
const MAX_SIGNATURE_CHECKS = 256;

export function authorizeThirdPartyInvite({ pdu, sender, target, state }: MemberChange): Verdict {
  if (membershipOf(state, target) === 'ban') {
    return refused('membership.target_banned', `${target} is banned from this room`);
  }
  const signed = own(pdu.content['third_party_invite'], 'signed');
  if (!isJsonObject(signed)) return refused('third_party_invite.signed', 'The third-party invite is not signed');
  const { mxid, token } = signed;
  if (typeof mxid !== 'string' || typeof token !== 'string') {
    return refused('third_party_invite.form', 'The third-party invite names no user or no token');
  }
  if (mxid !== target) return refused('third_party_invite.mxid', 'The third-party invite is for another user');
  const invite = state.get('m.room.third_party_invite', token);
  if (!invite) return refused('third_party_invite.unknown', 'There is no such third-party invite in this room');
  if (invite.pdu.sender !== sender) {
    return refused('third_party_invite.sender', 'The third-party invite was made by another user');
  }
  return isSignedByAny(signed, publicKeys(invite.pdu.content))
    ? ALLOWED
    : refused(
        'third_party_invite.signature',
        'The third-party invite is not signed by the identity server that made it',
      );
}

/** The keys in `public_key` and `public_keys`, whose base64 may be of either alphabet. */
function publicKeys(content: JsonObject): VerifyKey[] {
  const listed = Array.isArray(content['public_keys']) ? content['public_keys'] : [];
  const encoded = [content['public_key'], ...listed.map((entry) => own(entry, 'public_key'))];
  const texts = new Set(encoded.filter((key): key is string => typeof key === 'string'));
  return [...texts].map((text) => verifyKeyFromBase64(toStandard(text))).filter((key) => key !== undefined);
}

function toStandard(base64: string): string {
  return base64.replaceAll('-', '+').replaceAll('_', '/');
}

/** All Ed25519 signatures, whoever is said to have made them. */
function signaturesOn(signed: JsonObject): string[] {
  const { signatures } = signed;
  if (!isJsonObject(signatures)) return [];
  return Object.keys(signatures).flatMap((name) => [...signaturesOf(signed, name).values()]);
}

function isSignedByAny(signed: JsonObject, keys: readonly VerifyKey[]): boolean {
  const signatures = signaturesOn(signed);
  if (signatures.length * keys.length > MAX_SIGNATURE_CHECKS) return false;
  const text = textOf(signed);
  return text !== undefined && keys.some((key) => signatures.some((signature) => key.verify(text, signature)));
}

function textOf(signed: JsonObject): string | undefined {
  try {
    return signedText(signed);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
