import assert from 'node:assert/strict';
import { CanonicalJsonError } from '../../../src/protocol/canonical-json/canonical-json-error.ts';
import { parseStrictJson } from '../../../src/protocol/canonical-json/strict-parse.ts';

describe('strict JSON parser', () => {
  const taken: string[] = [
    '{}',
    ' \n\t\r{ "a" : [ 1 , -2 , "x" ] , "b" : { } } ',
    '"\\u00e9\\ud83d\\ude00\\/"',
    '[true,false,null]',
    '0',
    '""',
    '{"__proto__":{"a":1},"constructor":1,"hasOwnProperty":2}',
  ];
  for (const text of taken) {
    it(`reads ${JSON.stringify(text)} as JSON.parse does`, () => {
      assert.deepEqual(parseStrictJson(text), JSON.parse(text));
      assert.deepEqual(parseStrictJson(Buffer.from(text)), JSON.parse(text));
    });
  }

  it('makes __proto__ a key and leaves the prototype alone', () => {
    const object = parseStrictJson('{"__proto__":{"membership":"join"}}') as { membership?: unknown };
    assert.equal(object.membership, undefined);
    assert.deepEqual(Object.keys(object), ['__proto__']);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
  });

  it('takes numbers written otherwise for the integers that they equal, unless told not to', () => {
    for (const [token, value] of [
      ['1.0', 1],
      ['1e3', 1000],
      ['-0', 0],
      ['12.5e1', 125],
    ] as const) {
      assert.ok(Object.is(parseStrictJson(token), value), token);
      assert.throws(() => parseStrictJson(token, { normalizeNumbers: false }), { reason: 'not-an-integer' });
    }
  });

  const refused: [string | Uint8Array, string][] = [
    ['', 'syntax'],
    [' ', 'syntax'],
    ['{', 'syntax'],
    ['{"a"', 'syntax'],
    ['{"a":', 'syntax'],
    ['{"a":1', 'syntax'],
    ['{"a":1,}', 'syntax'],
    ['{a:1}', 'syntax'],
    ["{'a':1}", 'syntax'],
    ['[1,]', 'syntax'],
    ['[1 2]', 'syntax'],
    ['[1', 'syntax'],
    ['1 2', 'syntax'],
    ['{}}', 'syntax'],
    ['tru', 'syntax'],
    ['NaN', 'syntax'],
    ['Infinity', 'syntax'],
    ['01', 'syntax'],
    ['+1', 'syntax'],
    ['.5', 'syntax'],
    ['1.', 'syntax'],
    ['-', 'syntax'],
    ['"a', 'syntax'],
    ['"a\\', 'syntax'],
    ['"\\x41"', 'syntax'],
    ['"\\u12"', 'syntax'],
    ['"a\nb"', 'syntax'],
    ['"a\u0000b"', 'syntax'],
    ['\ufeff{}', 'syntax'],
    ['\u00a0{}', 'syntax'],
    ['{"a":1,"a":2}', 'duplicate-key'],
    ['{"a":1,"\\u0061":2}', 'duplicate-key'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate-key'],
    ['1.5', 'not-an-integer'],
    ['1e-1', 'not-an-integer'],
    ['1e400', 'not-an-integer'],
    ['9007199254740992', 'integer-out-of-range'],
    ['-9007199254740992', 'integer-out-of-range'],
    [`1${'0'.repeat(200)}`, 'integer-out-of-range'],
    ['"\\ud800"', 'lone-surrogate'],
    ['{"\\udc00":1}', 'lone-surrogate'],
    ['['.repeat(129), 'too-deep'],
    ['{"a":'.repeat(100_000), 'too-deep'],
    [Uint8Array.of(0x22, 0xff, 0x22), 'utf-8'],
    [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'utf-8'],
  ];
  for (const [input, reason] of refused) {
    const shown = typeof input === 'string' ? JSON.stringify(input.slice(0, 40)) : Buffer.from(input).toString('hex');
    it(`refuses ${shown} (${reason})`, () => {
      assert.throws(
        () => parseStrictJson(input),
        (error: unknown) => {
          assert.ok(error instanceof CanonicalJsonError);
          assert.equal(error.reason, reason);
          return true;
        },
      );
    });
  }

  it('tells where the text goes wrong', () => {
    assert.throws(() => parseStrictJson('{"a": 1.5}'), { message: '1.5 is not an integer (at character 7)' });
    assert.throws(() => parseStrictJson('{"a": }'), { message: 'unexpected "}" (at character 7)' });
  });
});
