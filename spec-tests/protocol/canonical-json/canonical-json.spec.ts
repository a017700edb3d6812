import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/protocol/canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../../../src/protocol/canonical-json/canonical-json-error.ts';
import { parseStrictJson } from '../../../src/protocol/canonical-json/strict-parse.ts';
import type { JsonValue } from '../../../src/protocol/json.ts';
import fixture from '../../fixtures/canonical-json.json' with { type: 'json' };

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('canonical JSON', () => {
  for (const { input, canonical } of fixture.cases) {
    it(`gives the specification's ${canonical}`, () => {
      assert.equal(canonicalJson(JSON.parse(input)), canonical);
      assert.equal(canonicalJson(parseStrictJson(input)), canonical);
    });
  }

  const cases: [string, string, string][] = [
    [
      'sorts by code point, not by UTF-16 unit',
      '{"\ud83d\ude00":1,"\uff5e":2,"a":3}',
      '{"a":3,"\uff5e":2,"\ud83d\ude00":1}',
    ],
    ['puts a key before the longer one that begins with it', '{"ab":1,"a":2,"":3}', '{"":3,"a":2,"ab":1}'],
    ['sorts keys that look like numbers as text', '{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'],
    [
      'keeps keys that objects of JavaScript have anyway',
      '{"toString":1,"__proto__":{"a":1},"constructor":2}',
      '{"__proto__":{"a":1},"constructor":2,"toString":1}',
    ],
    [
      'escapes as short as it can',
      '"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001F\\u0022\\u005c\\u002f\\u007f\\u2028"',
      '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\/\u007f\u2028"',
    ],
    [
      'goes to the ends of the integers',
      '[9007199254740991,-9007199254740991,-0]',
      '[9007199254740991,-9007199254740991,0]',
    ],
    [
      'keeps empty containers and the order of arrays',
      '[{},[],"",null,false,true,[2,1]]',
      '[{},[],"",null,false,true,[2,1]]',
    ],
    ['goes 128 levels deep', nested(128), nested(128)],
  ];
  for (const [name, input, canonical] of cases) {
    it(name, () => {
      assert.equal(canonicalJson(JSON.parse(input)), canonical);
      assert.equal(canonicalJson(parseStrictJson(input)), canonical);
    });
  }

  it('leaves out keys without a value', () => {
    assert.equal(canonicalJson({ b: undefined, a: 1, c: undefined }), '{"a":1}');
    assert.equal(canonicalJson({ b: undefined }), '{}');
  });

  const refused: [string, unknown, string, string][] = [
    ['a fraction', { content: { info: [{ w: 1.5 }] } }, 'not-an-integer', 'content.info[0].w'],
    ['an integer beyond 2^53−1', { a: 2 ** 53 }, 'integer-out-of-range', 'a'],
    ['not-a-number', { a: Number.NaN }, 'not-an-integer', 'a'],
    ['infinity', [Number.POSITIVE_INFINITY], 'not-an-integer', '[0]'],
    ['a lone surrogate', { a: { b: 'x\ud800' } }, 'lone-surrogate', 'a.b'],
    ['a lone surrogate in a key', { a: { '\udc00': 1 } }, 'lone-surrogate', 'a'],
    ['nesting beyond 128 levels', JSON.parse(nested(129)), 'too-deep', ''],
    ['very deep nesting', JSON.parse(nested(100_000)), 'too-deep', ''],
    ['undefined in an array', [undefined], 'not-json', '[0]'],
    ['a bigint', { a: 1n }, 'not-json', 'a'],
  ];
  for (const [name, value, reason, path] of refused) {
    it(`refuses ${name} and says where it is`, () => {
      assert.throws(
        () => canonicalJson(value as JsonValue),
        (error: unknown) => {
          assert.ok(error instanceof CanonicalJsonError);
          assert.deepEqual({ reason: error.reason, path: error.path }, { reason, path });
          return true;
        },
      );
    });
  }

  it('takes fractions where the room version does not enforce it, but never what is no number', () => {
    assert.equal(canonicalJson({ a: 1.5 }, { strict: false }), '{"a":1.5}');
    assert.throws(() => canonicalJson({ a: Number.NaN }, { strict: false }), CanonicalJsonError);
  });

  it('is a fixed point and says the same as JSON.parse for any JSON of integers', () => {
    fc.assert(
      fc.property(
        fc
          .jsonValue({ noUnicodeString: false })
          .map((value) =>
            JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'number' ? Math.trunc(v % 1e9) : v))),
          ),
        (value) => {
          const text = canonicalJson(value);
          assert.deepEqual(JSON.parse(text), value);
          assert.deepEqual(parseStrictJson(text), value);
          assert.equal(canonicalJson(parseStrictJson(text, { normalizeNumbers: false })), text);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });
});
