import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { decodePage } from '../../../src/services/previews/decode-page.ts';
import { pagePreview } from '../../../src/services/previews/page-preview.ts';
import { PreviewRules } from '../../../src/services/previews/preview-rules.ts';
import { readPage } from '../../../src/services/previews/read-page.ts';

describe('The preview of a page', () => {
  const told = (html: string, embed?: JsonObject): Record<string, string> => {
    const { properties, image } = pagePreview(readPage(html), embed);
    return { ...Object.fromEntries(properties), ...(image === undefined ? {} : { image }) };
  };

  it('is its OpenGraph, with the address of its picture apart', () => {
    const html = `<html><head><title>Other</title>
      <meta property="og:title" content="Tom &amp; Jerry"><meta property="og:type" content="article">
      <meta property="og:image" content="/cat.png"><meta property="og:image:width" content="1000">
      <meta name="description" content="Not this"><meta property="og:description" content="A cat and a mouse">
      </head></html>`;
    deepStrictEqual(told(html), {
      'og:title': 'Tom & Jerry',
      'og:type': 'article',
      'og:description': 'A cat and a mouse',
      image: '/cat.png',
    });
  });

  it('falls back to what the page shows, without what stands beside it', () => {
    const html = `<head><link rel="shortcut icon" href="fav.ico"></head><nav><p>Home</p></nav><script>var p = "<p>x</p>"</script>
      <h1>The   <b>title</b></h1><p>First <i>one</i>.</p><footer><p>©</p></footer><p>Second.</p>`;
    deepStrictEqual(told(html), { 'og:title': 'The title', 'og:description': 'First one. Second.', image: 'fav.ico' });
    strictEqual(told(`<title>T</title><h1>H</h1>`)['og:title'], 'T');
    strictEqual(told(`<meta name="twitter:title" content="W"><title>T</title>`)['og:title'], 'W');
    deepStrictEqual(told(''), {});
  });

  it('takes from oEmbed what the page does not say', () => {
    const embed = { type: 'video', title: 'E', provider_name: 'Site', thumbnail_url: 'https://x/t.jpg' };
    deepStrictEqual(told('<title>T</title>', embed), {
      'og:title': 'E',
      'og:site_name': 'Site',
      image: 'https://x/t.jpg',
    });
    strictEqual(readPage('<link rel=alternate type="application/json+oembed" href="/o">').oEmbed, '/o');
  });

  it('is short, however much the page says', () => {
    const long = 'word '.repeat(10_000);
    const preview = told(`<title>${long}</title><meta property="og:x" content="${'y'.repeat(5_000)}"><p>${long}`);
    deepStrictEqual(Object.keys(preview), ['og:title', 'og:description']);
    deepStrictEqual([preview['og:title']?.length, preview['og:description']?.length], [295, 495]);
    const many = Array.from({ length: 1_000 }, (_, n) => `<meta property="og:p${n}" content="${n}">`).join('');
    strictEqual(Object.keys(told(many)).length, 100);
  });

  it('survives what is no page', () => {
    for (const html of ['<', '<p', '<meta property=og:title>', '<p>'.repeat(50_000), '\0', '</p></nav></h1>'])
      told(html);
    deepStrictEqual(told('<meta property="__proto__" content="x"><meta property="og:__proto__" content="y">'), {
      'og:__proto__': 'y',
    });
  });
});

describe('The text of a page', () => {
  const latin = Buffer.from('<meta charset="windows-1252"><p>caf\xe9', 'latin1');

  it('is read in the encoding that its mark, its server or itself names, else in UTF-8', () => {
    const ends = (bytes: Uint8Array, contentType?: string) => decodePage(bytes, contentType).slice(-4);
    strictEqual(ends(latin), 'café');
    strictEqual(ends(Buffer.from('café'), 'text/html'), 'café');
    strictEqual(ends(Buffer.from('caf\xe9', 'latin1'), 'text/html; charset=ISO-8859-1'), 'café');
    strictEqual(ends(Buffer.from('\ufeffcafé', 'utf16le')), 'café');
    strictEqual(ends(Buffer.from([0x82, 0xb7]), 'text/html; charset="Shift_JIS"'), 'す');
    strictEqual(ends(Buffer.from('café'), 'text/html; charset=nonsense'), 'café');
    strictEqual(ends(Buffer.from('<meta http-equiv=x content="text/html; charset=utf-16">café')), 'café');
  });
});

describe('Rules for previews', () => {
  const permits = (address: string, allow: string[] = [], deny: string[] = []) =>
    new PreviewRules({ allow, deny }).permits(new URL(address));

  it('permit pages of the web', () => {
    strictEqual(permits('https://example.org/x'), true);
    strictEqual(permits('http://example.org:8080'), true);
    for (const address of ['ftp://example.org', 'file:///etc/passwd', 'https://me:secret@example.org', 'data:,x'])
      strictEqual(permits(address), false);
  });

  it('permit what is named, and not what is excluded', () => {
    strictEqual(permits('https://example.org/x', ['example.org']), true);
    strictEqual(permits('https://example.org/a/b', ['example.org/a/*']), true);
    strictEqual(permits('https://example.org/c', ['example.org/a/*']), false);
    strictEqual(permits('https://sub.example.org/', ['*.example.org'], ['sub.*']), false);
    strictEqual(permits('https://example.org/private/1', [], ['*/private/*']), false);
  });
});
