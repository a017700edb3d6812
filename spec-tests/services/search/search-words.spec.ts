import { deepStrictEqual } from 'node:assert/strict';
import { indexedWords, searchPhrases } from '../../../src/services/search/search-words.ts';

const phrase = (isPrefix: boolean, ...words: string[]) => ({ words, isPrefix });

describe('The words of a search', () => {
  const texts: [text: string, words: string][] = [
    ['Hello, World!', 'hello world'],
    ['snake_case and e-mail@example.org', 'snake case and e mail example org'],
    ['Ångström naïve ÉCOLE', 'angstrom naive ecole'],
    ['Ёлка Привет', 'елка привет'],
    ['ﬁne ＡＢＣ １２', 'fine abc 12'],
    ['Straße Łódź smørrebrød Ægir ISTANBUL İstanbul ışık', 'strasse lodz smorrebrod aegir istanbul istanbul isik'],
    ['ΟΔΟΣ οδός', 'οδοσ οδοσ'],
    ['أَهْلًا مـــرحبا', 'اهلا مرحبا'],
    ['على مدرسة ٱلكتاب', 'علي مدرسه الكتاب'],
    ['فارسی ۲۰۲۶ ٤٢ २०२६', 'فارسي 2026 42 2026'],
    ['हिन्दी में', 'हिन्दी में'],
    ['東京都に行く', '東京 京都 都に に行 行く く'],
    ['Node20で動く', 'node20 で動 動く く'],
    ['서울시청', '서울 울시 시청 청'],
    ['!?! …', ''],
    ['a\u0000b', 'a b'],
  ];
  for (const [text, words] of texts) {
    it(`of ${JSON.stringify(text)} are ${JSON.stringify(words)}`, () => deepStrictEqual(indexedWords(text), words));
  }

  it('go on where they are long enough', () => {
    deepStrictEqual(searchPhrases('Testing of IT'), [
      phrase(true, 'testing'),
      phrase(false, 'of'),
      phrase(false, 'it'),
    ]);
  });

  it('stay together in quotation marks, as they are', () => {
    deepStrictEqual(searchPhrases('the "Quick brown" fox'), [
      phrase(true, 'the'),
      phrase(false, 'quick', 'brown'),
      phrase(true, 'fox'),
    ]);
  });

  it('are pairs of characters where a script sets nothing between them', () => {
    deepStrictEqual(searchPhrases('東京都 茶'), [phrase(false, '東京', '京都'), phrase(true, '茶')]);
  });

  it('are none in a text without any, and never too many', () => {
    deepStrictEqual(searchPhrases(' "" !* (a:b OR'), [phrase(false, 'a'), phrase(false, 'b'), phrase(false, 'or')]);
    deepStrictEqual(searchPhrases('*'), []);
    deepStrictEqual(searchPhrases('abc '.repeat(100)).length, 32);
    deepStrictEqual(indexedWords('abc '.repeat(20_000)).split(' ').length, 10_000);
  });
});
