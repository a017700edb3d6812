import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { isServerKeyId } from '../../protocol/identifiers/key-id.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import { signaturesOf, signedText } from '../../protocol/signing/sign-json.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../protocol/signing/verify-key.ts';

/** A key as its server tells of it. */
export interface ToldKey {
  readonly keyId: string;
  /** Base64. */
  readonly publicKey: string;
  readonly key: VerifyKey;
  /** The last moment at which it may have been used. */
  readonly validUntilTs: number;
}

/** The keys that a server publishes. */
export interface KeyDocument {
  readonly serverName: ServerName;
  readonly keys: readonly ToldKey[];
  /** As it was signed. */
  readonly json: JsonObject;
}

/** A key is believed for at most this long without asking again, whatever its server says. */
const LONGEST_VALIDITY_MS = 7 * 24 * 3_600_000;

/**
 * Reads what a server answers about its keys. Undefined if it is not what `server` may say: of another name, not
 * signed by one of the keys in it, wrongly signed by one of them, or with more than `maxKeys` keys.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#publishing-keys
 */
export function readKeyDocument(
  json: JsonObject,
  server: ServerName,
  about: { readonly now: number; readonly maxKeys: number },
): KeyDocument | undefined {
  const validUntil = json['valid_until_ts'];
  if (json['server_name'] !== server || !isTime(validUntil)) return undefined;
  const current = toldKeys(json['verify_keys'], about.maxKeys, () =>
    Math.min(validUntil, about.now + LONGEST_VALIDITY_MS),
  );
  const old = toldKeys(json['old_verify_keys'], about.maxKeys, ({ expired_ts }) =>
    isTime(expired_ts) ? expired_ts : undefined,
  );
  if (current === undefined || current.length + (old?.length ?? 0) > about.maxKeys) return undefined;
  if (!isSignedBy(json, server, current)) return undefined;
  const ids = new Set(current.map(({ keyId }) => keyId));
  return {
    serverName: server,
    keys: [...current, ...(old ?? []).filter(({ keyId }) => !ids.has(keyId))],
    json,
  };
}

function isTime(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Keys of other algorithms, and what is no key, are left out. Undefined if there is no object or too large a one. */
function toldKeys(
  told: JsonValue | undefined,
  maxKeys: number,
  validUntil: (key: JsonObject) => number | undefined,
): ToldKey[] | undefined {
  if (!isJsonObject(told)) return undefined;
  const entries = Object.entries(told);
  if (entries.length > maxKeys) return undefined;
  return entries.flatMap(([keyId, entry]) => {
    if (!isServerKeyId(keyId) || !isJsonObject(entry)) return [];
    const publicKey = entry['key'];
    const validUntilTs = validUntil(entry);
    const key = typeof publicKey === 'string' ? verifyKeyFromBase64(publicKey) : undefined;
    return key === undefined || validUntilTs === undefined
      ? []
      : [{ keyId, publicKey: publicKey as string, key, validUntilTs }];
  });
}

/** At least one of the keys has signed, and none of them wrongly. */
function isSignedBy(json: JsonObject, server: ServerName, keys: readonly ToldKey[]): boolean {
  const signatures = signaturesOf(json, server);
  const signers = keys.filter(({ keyId }) => signatures.has(keyId));
  if (signers.length === 0) return false;
  try {
    const text = signedText(json);
    return signers.every(({ keyId, key }) => key.verify(text, signatures.get(keyId) ?? ''));
  } catch (error) {
    if (error instanceof CanonicalJsonError) return false;
    throw error;
  }
}
