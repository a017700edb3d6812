import type { JsonObject, JsonValue } from '../json.ts';
import { sortByCodePoint } from './compare-code-points.ts';
import { findProblem } from './find-problem.ts';
import { MAX_JSON_DEPTH } from './limits.ts';

export interface CanonicalJsonOptions {
  /** False for rooms of versions 1 to 5, whose events may hold fractions and larger numbers. Default true. */
  readonly strict?: boolean;
}

/** Thrown inside this file only: {@link findProblem} then tells what is wrong and where. */
const REFUSED = Symbol('refused');

/** Strings that stand in quotes as they are: no control character, quote, backslash, and nothing beyond ASCII. */
const PLAIN = /^[ !#-[\]-~]*$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A string with its quotes, as canonical JSON writes it. */
function encodeString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw REFUSED;
  return JSON.stringify(text);
}

function encodeNumber(value: number, strict: boolean): string {
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value);
  if (strict || !Number.isFinite(value)) throw REFUSED;
  return String(value);
}

function encodeObject(object: JsonObject, strict: boolean, depth: number): string {
  let out = '';
  for (const key of sortByCodePoint(Object.keys(object))) {
    const value = object[key];
    if (value === undefined) continue;
    out += out === '' ? '{' : ',';
    out += `${encodeString(key)}:${encodeValue(value, strict, depth)}`;
  }
  return out === '' ? '{}' : `${out}}`;
}

function encodeArray(array: readonly JsonValue[], strict: boolean, depth: number): string {
  let out = '';
  for (const value of array) {
    out += `${out === '' ? '[' : ','}${encodeValue(value, strict, depth)}`;
  }
  return out === '' ? '[]' : `${out}]`;
}

function encodeValue(value: JsonValue | undefined, strict: boolean, depth: number): string {
  if (typeof value === 'string') return encodeString(value);
  if (typeof value === 'number') return encodeNumber(value, strict);
  if (value === true) return 'true';
  if (value === false) return 'false';
  if (value === null) return 'null';
  if (typeof value !== 'object' || depth >= MAX_JSON_DEPTH) throw REFUSED;
  return Array.isArray(value) ? encodeArray(value, strict, depth + 1) : encodeObject(value, strict, depth + 1);
}

/**
 * The one encoding of a JSON value that is hashed and signed: keys sorted by code point, no blanks, integers only.
 * Keys whose value is `undefined` are left out; −0 becomes 0. Keys like `__proto__` are keys like any other.
 * Source: https://spec.matrix.org/v1.19/appendices/#canonical-json
 *
 * @throws CanonicalJsonError for fractions, integers beyond ±(2^53−1), lone surrogates, too deep nesting and whatever
 * is not JSON.
 */
export function canonicalJson(value: JsonValue, options: CanonicalJsonOptions = {}): string {
  const strict = options.strict ?? true;
  try {
    return encodeValue(value, strict, 0);
  } catch (thrown) {
    if (thrown === REFUSED) throw findProblem(value, strict);
    throw thrown;
  }
}
