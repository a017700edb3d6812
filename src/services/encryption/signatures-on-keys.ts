import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { KeySignatureRow } from '../../storage/contract/cross-signing.ts';

/** Signatures that were uploaded after the keys that they are on. */
export class SignaturesOnKeys {
  private readonly byTarget = new Map<string, KeySignatureRow[]>();

  constructor(rows: readonly KeySignatureRow[]) {
    for (const row of rows) {
      const target = nameOf(row.user_id, row.target);
      const known = this.byTarget.get(target);
      if (known) known.push(row);
      else this.byTarget.set(target, [row]);
    }
  }

  /**
   * Puts them among the signatures that a key brings, in place.
   * @param target a device id, or the public half of a cross-signing key.
   */
  addTo(key: JsonObject, userId: string, target: string): JsonObject {
    const signatures: JsonObject = isJsonObject(key['signatures']) ? key['signatures'] : {};
    for (const { signer_id, signer_key, signature } of this.byTarget.get(nameOf(userId, target)) ?? []) {
      const given = Object.hasOwn(signatures, signer_id) ? signatures[signer_id] : undefined;
      const ofSigner: JsonObject = isJsonObject(given) ? given : {};
      ofSigner[signer_key] = signature;
      signatures[signer_id] = ofSigner;
    }
    key['signatures'] = signatures;
    return key;
  }
}

function nameOf(userId: string, target: string): string {
  return `${userId}\0${target}`;
}
