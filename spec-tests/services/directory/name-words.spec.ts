import assert from 'node:assert/strict';
import { nameWords } from '../../../src/services/directory/name-words.ts';

describe('the words of a name', () => {
  const cases: [name: string, words: string[]][] = [
    ['Alice Smith', ['alice', 'smith']],
    ['alice_w.smith-99', ['alice', 'w', 'smith', '99']],
    ['José ÅNGSTRÖM', ['jose', 'angstrom']],
    ['ＡＢＣ', ['abc']],
    ["O'Brien (work)", ['o', 'brien', 'work']],
    ['Bob Bob', ['bob']],
    ['🎉 party 🎉', ['party']],
    ['\ud800 x', ['x']],
    ['', []],
  ];
  for (const [name, words] of cases) {
    it(`are ${JSON.stringify(words)} for ${JSON.stringify(name)}`, () => assert.deepEqual(nameWords(name), words));
  }

  it('are told apart where they are written without spaces', () => {
    assert.ok(nameWords('東京の田中さん').includes('田中'));
  });

  it('are bounded', () => {
    const words = nameWords(`${'x'.repeat(500)} ${Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ')}`);
    assert.equal(words.length, 32);
    assert.equal(words[0]!.length, 64);
  });
});
