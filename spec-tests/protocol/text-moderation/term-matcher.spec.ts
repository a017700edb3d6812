import assert from 'node:assert/strict';
import { TermMatcher } from '../../../src/protocol/text-moderation/term-matcher.ts';
import { parseTerm, type TermPattern } from '../../../src/protocol/text-moderation/term-pattern.ts';

function matcherOf(...terms: string[]): TermMatcher<string> {
  return new TermMatcher(terms.map((term) => [parseTerm(term) as TermPattern, term] as const));
}

const CASES: [term: string, matching: string[], others: string[]][] = [
  ['fudge', ['fudge', 'FUDGE!', 'oh fudge.', '(fudge)', 'fudge-cake'], ['fudges', 'hotfudge', '']],
  ['fudge', ['f u d g e', 'f.u.d.g.e', 'fu-dge', 'fud​ge', 'fu­dge'], ['f udge', 'fu dge']],
  ['fudge', ['fuuudge', 'fuudge', 'ffffudgeeee'], ['fdge']],
  ['fudge', ['ｆｕｄｇｅ', '𝓯𝓾𝓭𝓰𝓮', 'ⓕⓤⓓⓖⓔ', '🅵🆄🅳🅶🅴', '🇫 🇺 🇩 🇬 🇪', 'ꜰᴜᴅɢᴇ'], []],
  ['fudge', ['f̷u̷d̷g̷e̷', 'fúdgé', 'fudgе', 'fυdge', 'FUDGЕ'], []],
  ['idiot', ['1d10t', 'ID!OT', '!d!ot!!!', '|d|ot'], ['10107']],
  ['lump', ['1ump', '|ump'], []],
  ['ass', ['ass', 'a$$', '@ss', 'assss', 'aass'.replace('aa', 'aaa')], ['as', 'class', 'pass it']],
  ['god', ['god', 'goood', 'g0d'], ['good', 'gods']],
  ['*fudge*', ['hotfudgecake', 'fudge', 'afudge'], ['fud gecake']],
  ['fudg*', ['fudge', 'fudging', 'fudg'], ['hotfudge']],
  ['*udge', ['fudge', 'judge'], ['fudges']],
  ['f*dge', ['fudge', 'fridge', 'fdge'], ['fudges', 'fu edge', 'afudge']],
  ['a*b*c', ['a1b2c', 'abc', 'aabbcc'], ['acb', 'a b c d', 'ab c']],
  ['bad word', ['a bad word', 'bad   word', 'BAD-WORD', 'bad\nword'], ['bad a word', 'badly word', 'badword']],
  ['傻瓜', ['你傻瓜啊', '傻瓜'], ['傻 子']],
  ['сахар', ['САХАР', 'caxap'], ['сахары']],
  ['คำหยาบ', ['นี่คือคำหยาบนะ'], ['คนหยาบ']],
  ['fudge.example', ['see fudge.example/x', 'fudge example'], ['fudge examples']],
];

describe('term matcher', () => {
  for (const [term, matching, others] of CASES) {
    it(`finds ${term} in ${matching.join(' | ')}`, () => {
      for (const text of matching) assert.deepEqual(matcherOf(term).find(text), [term], text);
      for (const text of others) assert.deepEqual(matcherOf(term).find(text), [], text);
    });
  }

  it('tells every term that a text holds, those inside of others too, in the order of the list', () => {
    const matcher = matcherOf('cake', 'hot fudge cake', '*fudge*', 'tea', 'hot');
    assert.deepEqual(matcher.find('one Hot Fudge Cake please'), ['cake', 'hot fudge cake', '*fudge*', 'hot']);
  });

  it('finds nothing where there are no terms', () => assert.deepEqual(matcherOf().find('anything'), []));

  it('refuses terms of nothing, without end, or of too many parts', () => {
    for (const pattern of ['', ' ', '*', '**', '...', '​']) assert.equal(parseTerm(pattern), 'empty');
    assert.equal(parseTerm('x'.repeat(201)), 'too_long');
    assert.equal(parseTerm('a*b*c*d*e*f'), 'too_many_wildcards');
  });

  it('agrees with a search for each term by itself', () => {
    const parts = ['ab', 'ba', 'abb', 'b', 'aba'];
    const terms = [...parts, ...parts.map((part) => `*${part}*`), ...parts.map((part) => `${part}*`)];
    const all = matcherOf(...terms);
    for (const first of parts) {
      for (const second of parts) {
        for (const text of [`${first}${second}`, `${first} ${second}`, `x${first}b${second}`]) {
          const alone = terms.filter((term) => matcherOf(term).find(text).length > 0);
          assert.deepEqual(all.find(text), alone, text);
        }
      }
    }
  });

  it('takes no longer for texts that are made to be slow', () => {
    const terms = Array.from({ length: 5000 }, (_, n) => `*${'a'.repeat(n % 7)}${n.toString(36)}*`);
    const matcher = matcherOf(...terms, '*aaaa*', 'a*a*a*a*b');
    for (const unit of ['a', 'ab', 'a ', '!', 'a.', '1', ' ', 'á', 'a​']) matcher.find(unit.repeat(30_000));
  }).timeout(10_000);
});
