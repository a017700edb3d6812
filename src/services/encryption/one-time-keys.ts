import { canonicalJson } from '../../protocol/canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { badJson, invalidParam } from '../../protocol/errors.ts';
import { parseKeyId } from '../../protocol/identifiers/key-id.ts';
import type { JsonValue } from '../../protocol/json.ts';
import type { FallbackKeyRow, OneTimeKeyRow } from '../../storage/contract/device-keys.ts';

/** A one-time or fallback key as it is uploaded. */
export interface UploadedKey {
  readonly algorithm: string;
  /** The part of the id after the algorithm. */
  readonly keyId: string;
  readonly json: string;
}

/** `<algorithm>:<key_id>` to key, as clients upload one-time and fallback keys. */
export type KeyMap = Readonly<Record<string, JsonValue>>;

/** @throws M_INVALID_PARAM for an id that is none, M_BAD_JSON for a key without canonical form */
export function parseKeys(keys: KeyMap): UploadedKey[] {
  return Object.entries(keys).map(([id, key]) => {
    const parts = parseKeyId(id);
    if (!parts) throw invalidParam(`${JSON.stringify(id)} is not of the form algorithm:key_id`);
    return { algorithm: parts.algorithm, keyId: parts.identifier, json: canonicalText(key) };
  });
}

function canonicalText(key: JsonValue): string {
  try {
    return canonicalJson(key);
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw badJson(`A key has no canonical form: ${error.message}`);
    throw error;
  }
}

export interface OneTimeKeyPlan {
  readonly insert: readonly UploadedKey[];
  /** Keys given out before, of which nothing needs to be remembered any more. */
  readonly forget: readonly OneTimeKeyRow[];
}

/**
 * What an upload of one-time keys changes. A key that is there already, or was given out since the last upload, is not
 * added again: a client that lost the answer repeats its upload, and no key may be given out twice.
 * @throws M_INVALID_PARAM if another key has the id, or with more than `max` keys
 */
export function planOneTimeKeys(
  existing: readonly OneTimeKeyRow[],
  uploaded: readonly UploadedKey[],
  max: number,
): OneTimeKeyPlan {
  const known = new Map(existing.map((row) => [`${row.algorithm}:${row.key_id}`, row]));
  const repeated = new Set<OneTimeKeyRow>();
  const insert: UploadedKey[] = [];
  for (const key of uploaded) {
    const id = `${key.algorithm}:${key.keyId}`;
    const row = known.get(id);
    if (row && row.json === key.json) {
      repeated.add(row);
    } else if (row && row.claimed === 0) {
      throw invalidParam(`One time key ${id} already exists. Old key: ${row.json}; new key: ${key.json}`);
    } else {
      insert.push(key);
    }
  }
  const unclaimed = existing.filter((row) => row.claimed === 0).length;
  if (insert.length > 0 && unclaimed + insert.length > max) {
    throw invalidParam(`A device may have ${max} one-time keys at most`);
  }
  const forget = insert.length === 0 ? [] : existing.filter((row) => row.claimed === 1 && !repeated.has(row));
  return { insert, forget };
}

/**
 * The fallback keys that an upload changes.
 * @throws M_INVALID_PARAM with two keys of an algorithm
 */
export function planFallbackKeys(
  existing: readonly FallbackKeyRow[],
  uploaded: readonly UploadedKey[],
): readonly UploadedKey[] {
  const algorithms = new Set(uploaded.map((key) => key.algorithm));
  if (algorithms.size < uploaded.length) throw invalidParam('There can be one fallback key of an algorithm only');
  return uploaded.filter(
    (key) =>
      !existing.some((row) => row.algorithm === key.algorithm && row.key_id === key.keyId && row.json === key.json),
  );
}
