import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/protocol/json.ts';
import { parsePropertyPath, propertyAt } from '../../src/protocol/property-path.ts';

const PATHS: [string, string[]][] = [
  ['content.body', ['content', 'body']],
  ['content.m\\.relates_to', ['content', 'm.relates_to']],
  ['content.m\\\\foo', ['content', 'm\\foo']],
  ['content.m\\x', ['content', 'm\\x']],
  ['content.a\\\\.b', ['content', 'a\\', 'b']],
  ['a\\', ['a\\']],
  ['', ['']],
  ['a..b', ['a', '', 'b']],
];

describe('property path', () => {
  for (const [path, names] of PATHS) {
    it(`reads ${JSON.stringify(path)}`, () => assert.deepEqual(parsePropertyPath(path), names));
  }

  it('leads to a value, or nowhere where the way breaks off', () => {
    const event = JSON.parse('{"content":{"a":{"b":null},"__proto__":{"x":1}},"list":[1]}') as JsonObject;
    assert.equal(propertyAt(event, ['content', 'a', 'b']), null);
    assert.equal(propertyAt(event, ['content', 'a', 'b', 'c']), undefined);
    assert.equal(propertyAt(event, ['content', '__proto__', 'x']), 1);
    assert.equal(propertyAt(event, ['content', 'constructor']), undefined);
    assert.equal(propertyAt(event, ['list', '0']), undefined);
  });
});
