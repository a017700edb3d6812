import { badJson, notJson } from '../protocol/errors.ts';
import type { JsonValue } from '../protocol/json.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Deeper than anything a client has reason to send, far from what makes a recursive reader overflow. */
export const MAX_DEPTH = 100;

/**
 * Parses the body of a request, whatever its media type: clients forget to name it.
 * 400 `M_NOT_JSON` for what is not JSON in UTF-8; 400 `M_BAD_JSON` for NUL, lone surrogates (neither can be stored or
 * signed) and nesting beyond {@link MAX_DEPTH}.
 */
export function parseJson(bytes: Buffer): JsonValue {
  const text = decode(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw notJson(`The body is not valid JSON: ${reason(cause)}`);
  }
  // Only an escape can bring in a character that JSON and UTF-8 do not allow as such.
  check(value, 0, text.includes('\\u'));
  return value;
}

/**
 * The same for what other servers send. One odd event must not make a whole transaction fail, so characters and depth
 * are judged later, event by event.
 */
export function parseServerJson(bytes: Buffer): JsonValue {
  try {
    return JSON.parse(decode(bytes)) as JsonValue;
  } catch (cause) {
    throw notJson(`The body is not valid JSON: ${reason(cause)}`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw notJson(`The body is not UTF-8: ${reason(cause)}`);
  }
}

/** Where it went wrong, without the excerpt that V8 adds: it may hold a password. */
function reason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  return /at position \d+/.exec(message)?.[0] ?? (message.includes('end of JSON') ? 'it ends too early' : 'bad syntax');
}

function check(value: JsonValue | undefined, depth: number, checkText: boolean): void {
  if (typeof value === 'string') {
    if (checkText) checkCharacters(value);
  } else if (typeof value === 'object' && value !== null) {
    if (depth >= MAX_DEPTH) throw badJson(`The body is nested more than ${MAX_DEPTH} levels deep`);
    if (Array.isArray(value)) {
      for (const item of value) check(item, depth + 1, checkText);
      return;
    }
    for (const key of Object.keys(value)) {
      if (checkText) checkCharacters(key);
      check(value[key], depth + 1, checkText);
    }
  }
}

function checkCharacters(text: string): void {
  if (text.includes('\0')) throw badJson('The body contains the character NUL');
  if (LONE_SURROGATE.test(text)) throw badJson('The body contains half of a surrogate pair');
}

const LONE_SURROGATE = /\p{Surrogate}/u;
