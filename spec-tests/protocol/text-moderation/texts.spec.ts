import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { findLinks } from '../../../src/protocol/text-moderation/find-links.ts';
import { foldText } from '../../../src/protocol/text-moderation/fold-text.ts';
import { htmlMatchesBody, readHtml } from '../../../src/protocol/text-moderation/html-text.ts';
import { shownTexts } from '../../../src/protocol/text-moderation/shown-texts.ts';
import { skeletonOf } from '../../../src/protocol/text-moderation/spellings.ts';

const LINKS: [text: string, links: string[]][] = [
  ['see example.com now', ['example.com']],
  ['https://example.org/a?b#c and www.foo.bar', ['https://example.org/a?b#c', 'www.foo.bar']],
  ['evil [dot] com', ['evil.com']],
  ['evil (dot) com', ['evil.com']],
  ['evil。com', ['evil.com']],
  ['exa­mple.org', ['example.org']],
  ['discord.gg/abc', ['discord.gg/abc']],
  ['foo.bar/baz', ['foo.bar/baz']],
  ['http://1.2.3.4', ['http://1.2.3.4']],
  ['1.2.3.4:80', ['1.2.3.4:80']],
  ['пример.рф/страница', ['пример.рф/страница']],
  ['e.g. this, i.e. that, version 1.2.3, 20.11.2026', []],
  ['Done.Next one', []],
  ['node.js and me@example.org', []],
  ['...and then', []],
];

describe('links in texts', () => {
  for (const [text, links] of LINKS) {
    it(`are ${links.join(', ') || 'none'} in ${text}`, () => assert.deepEqual(findLinks(text), links));
  }

  it('are found in long texts without delay', () => {
    for (const unit of ['a.', 'a-', ' ', '[', '( ', '1.', 'http:', 'www.', '[dot']) findLinks(unit.repeat(30_000));
  }).timeout(2000);
});

describe('skeletons', () => {
  const same = [
    'Free V-Bucks at my page',
    'fr33 vbucks at my page!!',
    'FREEE  VBUCKS @ T MY PAGE',
    'f r e e vbucks at my page',
  ];
  it('tell numbers apart', () => {
    const different = ['1', '11', 'l', '2', '2:2', '22', 'number 6.7', 'number 6.77', 'take 100', 'take 1000'];
    assert.equal(new Set(different.map((text) => skeletonOf(foldText(text)))).size, different.length);
    assert.equal(skeletonOf(foldText('Take  1000!!')), skeletonOf(foldText('take 1000')));
  });

  it('are the same for texts that differ in their disguise only', () => {
    const skeletons = new Set(same.map((text) => skeletonOf(foldText(text))));
    assert.deepEqual([...skeletons], ['frevbucksatmypage']);
  });

  it('are those of the signs where there are no letters', () => {
    assert.notEqual(skeletonOf(foldText('🔥🔥')), skeletonOf(foldText('❤')));
    assert.equal(skeletonOf(foldText('🔥🔥🔥')), skeletonOf(foldText('🔥 🔥')));
  });
});

describe('the text of HTML', () => {
  it('is what a reader sees, with alternative texts, and where it points', () => {
    const html = '<p>Hi <b>you</b>&amp;me</p><img alt="hype" src="mxc://a/b"><a href="https://x.test">here</a>';
    assert.deepEqual(readHtml(html), { text: 'Hi you&me\nhypehere', addresses: ['mxc://a/b', 'https://x.test'] });
  });

  const SAME: [html: string, body: string, same: boolean][] = [
    ['<b>bold</b> text', '**bold** text', true],
    ['a<br/>b', 'a\nb', true],
    ['<a href="https://x.test">x</a>', '[x](https://x.test)', true],
    ['<a href="https://matrix.to/#/@z:s">Zed</a>: hi', 'Zed: hi', true],
    ['1 &lt; 2', '1 < 2', true],
    ['<mx-reply>said</mx-reply>yes', '> <@a:s> said\n\nyes', true],
    ['a slur', 'hello', false],
    ['<mx-reply>a slur</mx-reply>yes', 'no', false],
    ['hello <img alt="a slur">', 'hello', false],
    ['hello &#115;lur', 'hello', false],
  ];
  for (const [html, body, same] of SAME) {
    it(`${same ? 'matches' : 'does not match'} ${JSON.stringify(body)} where it is ${html}`, () => {
      assert.equal(htmlMatchesBody(html, body), same);
    });
  }
});

describe('the texts that an event shows', () => {
  const CONTENTS: [title: string, content: JsonObject, texts: string[]][] = [
    ['a message', { msgtype: 'm.text', body: 'one' }, ['one']],
    ['its HTML', { body: 'a', format: 'x', formatted_body: '<i title="b">a</i>' }, ['a', 'ba']],
    ['an edit', { body: '* b', 'm.new_content': { body: 'b' } }, ['* b', 'b']],
    ['a file', { body: 'x', filename: 'y.png', url: 'mxc://a/b' }, ['x', 'y.png']],
    ['a reaction', { 'm.relates_to': { rel_type: 'm.annotation', key: 'slur' } }, ['slur']],
    ['extensible text', { 'm.text': [{ body: 'a' }, { body: 'b', mimetype: 'text/html' }] }, ['a', 'b']],
    [
      'a poll',
      { 'org.matrix.msc3381.poll.start': { question: { body: 'q' }, answers: [{ id: '1', 'm.text': 'a' }] } },
      ['q', 'a'],
    ],
    ['a member', { membership: 'join', displayname: 'n', reason: 'r' }, ['n', 'r']],
    ['strange keys', JSON.parse('{"__proto__": {"body": "a"}}') as JsonObject, ['a']],
  ];
  for (const [title, content, texts] of CONTENTS) {
    it(`are found in ${title}`, () => assert.deepEqual(shownTexts(content), texts));
  }
});
