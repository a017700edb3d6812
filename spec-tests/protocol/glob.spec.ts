import assert from 'node:assert/strict';
import { compileGlob, compileWordGlob, compileWords } from '../../src/protocol/glob.ts';

const GLOBS: [pattern: string, matching: string[], others: string[]][] = [
  ['plain', ['plain'], ['Plain', 'plain ', '']],
  ['lunc?*', ['lunch', 'lunch plans', 'luncx'], ['lunc', ' lunch']],
  ['*', ['', 'anything', 'two\nlines'], []],
  ['?', ['a', '😀', '.'], ['', 'ab']],
  ['a??', ['a😀b'], ['a😀', 'a😀bc']],
  ['a*b', ['ab', 'a b', 'aabb'], ['abc', 'ba', 'a']],
  ['*.example.org', ['a.example.org', 'a.b.example.org'], ['example.org', 'a.example.org.evil']],
  ['a*a', ['aa', 'aba'], ['a']],
  ['*a*b*', ['ab', 'xaxbx'], ['ba']],
  ['*?b', ['ab', 'xxb'], ['b']],
  ['a.c', ['a.c'], ['abc']],
  ['[ab]', ['[ab]'], ['a']],
  ['', [''], ['a']],
];

const WORDS: [pattern: string, matching: string[], others: string[]][] = [
  ['ex*ple', ['An example event.', 'exple', 'An exciting triple-whammy', 'EXAMPLE'], ['an unexample', 'examples']],
  ['cake', ['cake', 'Cake!', 'a cake-lie', '(cake)'], ['cakes', 'pancake', 'cake_lie', 'cake2', '']],
  ['c?ke', ['a coke', 'c😀ke'], ['cke', 'cooke']],
  ['cake*lie', ['the cake is a lie', 'cakelie'], ['cake lies', 'a lie about cake']],
  ['@room', ['@room hello', 'hello @room'], ['@rooms', 'room']],
  ['日本', ['これは日本です', '日本'], ['日']],
  ['tea*', ['teapot', 'green tea'], ['steam']],
  ['*pot', ['a teapot'], ['potter']],
  ['b', ['a b c', 'ab b'], ['abc']],
];

describe('glob', () => {
  for (const [pattern, matching, others] of GLOBS) {
    it(`matches whole texts by ${JSON.stringify(pattern)}`, () => {
      const matches = compileGlob(pattern);
      for (const text of matching) assert.equal(matches(text), true, text);
      for (const text of others) assert.equal(matches(text), false, text);
    });
  }

  for (const [pattern, matching, others] of WORDS) {
    it(`finds words by ${JSON.stringify(pattern)}`, () => {
      const matches = compileWordGlob(pattern);
      for (const text of matching) assert.equal(matches(text), true, text);
      for (const text of others) assert.equal(matches(text), false, text);
    });
  }

  it('finds words in which wildcards stand for themselves', () => {
    assert.equal(compileWords('*Star?*')('hello *star?*'), true);
    assert.equal(compileWords('*Star?*')('hello starry'), false);
  });

  it('agrees with a regular expression on all short patterns and texts', () => {
    const letters = ['a', 'b', '*', '?'];
    const texts = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abb', 'abab'];
    const combine = (list: string[]) => list.flatMap((start) => letters.map((letter) => start + letter));
    let patterns = [''];
    for (let length = 0; length < 4; length++) {
      for (const pattern of patterns) {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        for (const text of texts) assert.equal(compileGlob(pattern)(text), expression.test(text), `${pattern} ${text}`);
      }
      patterns = combine(patterns);
    }
  });

  it('takes no longer for a pattern that is made to be slow', () => {
    const matches = compileGlob(`${'*a'.repeat(100)}*b`);
    assert.equal(matches('a'.repeat(10_000)), false);
  }).timeout(1000);
});
