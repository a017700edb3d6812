import { isJsonObject } from '../json.ts';
import { CanonicalJsonError } from './canonical-json-error.ts';
import { MAX_JSON_DEPTH } from './limits.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

function inString(text: string, path: string): CanonicalJsonError | undefined {
  if (!LONE_SURROGATE.test(text)) return undefined;
  return new CanonicalJsonError('lone-surrogate', 'a string with half of a surrogate pair', path);
}

function inNumber(value: number, path: string, strict: boolean): CanonicalJsonError | undefined {
  if (Number.isSafeInteger(value) || (!strict && Number.isFinite(value))) return undefined;
  if (Number.isInteger(value)) {
    return new CanonicalJsonError('integer-out-of-range', `${value} is beyond ±(2^53−1)`, path);
  }
  return new CanonicalJsonError('not-an-integer', `${value} is not an integer`, path);
}

function inMembers(value: object, path: string, strict: boolean, depth: number): CanonicalJsonError | undefined {
  if (depth >= MAX_JSON_DEPTH) return new CanonicalJsonError('too-deep', `nested more than ${MAX_JSON_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = inValue(item, `${path}[${index}]`, strict, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    const memberPath = path === '' ? key : `${path}.${key}`;
    const problem =
      inString(key, path) ?? (member === undefined ? undefined : inValue(member, memberPath, strict, depth + 1));
    if (problem) return problem;
  }
  return undefined;
}

function inValue(value: unknown, path: string, strict: boolean, depth: number): CanonicalJsonError | undefined {
  if (typeof value === 'string') return inString(value, path);
  if (typeof value === 'number') return inNumber(value, path, strict);
  if (typeof value === 'boolean' || value === null) return undefined;
  if (Array.isArray(value) || isJsonObject(value)) return inMembers(value, path, strict, depth);
  return new CanonicalJsonError('not-json', `a ${typeof value} is not JSON`, path);
}

/**
 * The first thing in `value` that canonical JSON cannot express. Apart from the encoder, which would pay for the path
 * on every message.
 */
export function findProblem(value: unknown, strict: boolean): CanonicalJsonError {
  return inValue(value, '', strict, 0) ?? new CanonicalJsonError('not-json', 'not JSON');
}
