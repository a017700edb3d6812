/**
 * The signature by which a room's policy server recommends an event.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#policy-servers
 */
import { stringIn } from '../events/content-readers.ts';
import type { Pdu } from '../events/pdu.ts';
import { isServerName, type ServerName } from '../identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { essentialText } from './event-hash.ts';
import { signaturesOf } from './sign-json.ts';
import { type VerifyKey, verifyKeyFromBase64 } from './verify-key.ts';

export const POLICY_TYPE = 'm.room.policy';
/** The id of the key, in every room. */
export const POLICY_KEY_ID = 'ed25519:policy_server';

/** Which server recommends the events of a room. */
export interface RoomPolicy {
  readonly via: ServerName;
  readonly key: VerifyKey;
}

/** What the content of `m.room.policy` says; undefined if it is not valid, so that the room has no policy server. */
export function roomPolicyIn(content: JsonObject | undefined): RoomPolicy | undefined {
  const via = stringIn(content, 'via');
  const keys = isJsonObject(content) && Object.hasOwn(content, 'public_keys') ? content['public_keys'] : undefined;
  const publicKey = isJsonObject(keys) ? stringIn(keys, 'ed25519') : undefined;
  const key = publicKey === undefined ? undefined : verifyKeyFromBase64(publicKey);
  return isServerName(via) && key ? { via, key } : undefined;
}

/** Whether the policy server has a say on the event: on all but the one that names it, so that it can be got rid of. */
export function isUnderPolicy(event: { readonly type: string; readonly state_key?: string | undefined }): boolean {
  return event.type !== POLICY_TYPE || event.state_key !== '';
}

/** Whether the policy server has signed the event. @throws CanonicalJsonError */
export function hasPolicySignature(pdu: Pdu, rules: RoomVersionRules, { via, key }: RoomPolicy): boolean {
  const signature = signaturesOf(pdu, via).get(POLICY_KEY_ID);
  return signature !== undefined && key.verify(essentialText(pdu, rules), signature);
}
