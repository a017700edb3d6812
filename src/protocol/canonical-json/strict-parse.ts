import { type JsonObject, type JsonValue, setOwn } from '../json.ts';
import { CanonicalJsonError, type CanonicalJsonProblem } from './canonical-json-error.ts';
import { MAX_JSON_DEPTH } from './limits.ts';

export interface StrictParseOptions {
  /**
   * Whether `1.0`, `1e3` and `-0` are taken for the integers that they equal (clients whose language has no integers
   * write so), or refused because canonical JSON never writes so (events of other servers). Default true.
   */
  readonly normalizeNumbers?: boolean;
  readonly maxDepth?: number;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const BLANK = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class Parser {
  readonly #text: string;
  readonly #normalizeNumbers: boolean;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, options: StrictParseOptions) {
    this.#text = text;
    this.#normalizeNumbers = options.normalizeNumbers ?? true;
    this.#maxDepth = options.maxDepth ?? MAX_JSON_DEPTH;
  }

  document(): JsonValue {
    this.#skipBlanks();
    const value = this.#value(0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(depth: number): JsonValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const object: JsonObject = {};
    if (this.#take('}')) return object;
    do {
      this.#skipBlanks();
      if (this.#text[this.#at] !== '"') throw this.#unexpected();
      const start = this.#at;
      const key = this.#string();
      if (Object.hasOwn(object, key))
        throw this.#error('duplicate-key', `key ${JSON.stringify(key)} given twice`, start);
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') throw this.#unexpected();
      this.#at++;
      this.#skipBlanks();
      setOwn(object, key, this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected();
    return object;
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const array: JsonValue[] = [];
    if (this.#take(']')) return array;
    do {
      this.#skipBlanks();
      array.push(this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected();
    return array;
  }

  #string(): string {
    const start = this.#at;
    const { end, escaped } = this.#stringEnd(start + 1);
    this.#at = end + 1;
    const text = escaped ? this.#unescape(start) : this.#text.slice(start + 1, end);
    if (LONE_SURROGATE.test(text)) throw this.#error('lone-surrogate', 'a string with half of a surrogate pair', start);
    return text;
  }

  /** Where the closing quote of a string stands whose first character is at `at`. */
  #stringEnd(at: number): { end: number; escaped: boolean } {
    let escaped = false;
    for (let i = at; i < this.#text.length; i++) {
      const unit = this.#text.charCodeAt(i);
      if (unit === QUOTE) return { end: i, escaped };
      if (unit < 0x20) throw this.#error('syntax', 'a control character in a string', i);
      if (unit === BACKSLASH) {
        escaped = true;
        i++;
      }
    }
    throw this.#error('syntax', 'a string that does not end', at - 1);
  }

  #unescape(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#error('syntax', 'a bad escape in a string', start);
      throw error;
    }
  }

  #number(): number {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#unexpected();
    this.#at = NUMBER.lastIndex;
    const [token, fraction, exponent] = match;
    const value = Number(token);
    if (!Number.isInteger(value)) throw this.#error('not-an-integer', `${shorten(token)} is not an integer`, start);
    if (!Number.isSafeInteger(value)) {
      throw this.#error('integer-out-of-range', `${shorten(token)} is beyond ±(2^53−1)`, start);
    }
    const canonical = fraction === undefined && exponent === undefined && !Object.is(value, -0);
    if (!canonical && !this.#normalizeNumbers) {
      throw this.#error('not-an-integer', `${shorten(token)} is not written as an integer`, start);
    }
    return value === 0 ? 0 : value;
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #enter(depth: number): void {
    if (depth >= this.#maxDepth) throw this.#error('too-deep', `nested more than ${this.#maxDepth} levels`);
    this.#at++;
  }

  #take(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    if (this.#text.charCodeAt(this.#at) > 0x20) return;
    BLANK.lastIndex = this.#at;
    BLANK.test(this.#text);
    this.#at = BLANK.lastIndex;
  }

  #unexpected(): CanonicalJsonError {
    const found = this.#text.codePointAt(this.#at);
    const text =
      found === undefined ? 'the end came too early' : `unexpected ${JSON.stringify(String.fromCodePoint(found))}`;
    return this.#error('syntax', text);
  }

  #error(reason: CanonicalJsonProblem, text: string, at = this.#at): CanonicalJsonError {
    return new CanonicalJsonError(reason, `${text} (at character ${at + 1})`);
  }
}

function shorten(token: string): string {
  return token.length > 30 ? `${token.slice(0, 30)}…` : token;
}

/**
 * Parses JSON that has a canonical form. Other than `JSON.parse` it refuses keys given twice, numbers that are no
 * integers within ±(2^53−1), lone surrogates, bytes that are no UTF-8, and too deep nesting.
 * Source: https://spec.matrix.org/v1.19/appendices/#canonical-json
 *
 * @throws CanonicalJsonError whose `reason` is `syntax` or `utf-8` where it is no JSON at all.
 */
export function parseStrictJson(input: string | Uint8Array, options: StrictParseOptions = {}): JsonValue {
  return new Parser(typeof input === 'string' ? input : decodeUtf8(input), options).document();
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new CanonicalJsonError('utf-8', 'not UTF-8');
    throw error;
  }
}
