import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const HOUR = 3_600_000;

describe('getUrlPreview', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let web: Server;
  let site: string;
  let asked: string[];
  const pages = new Map<string, (response: ServerResponse) => void>();
  const page = (path: string, body: string | Buffer, type = 'text/html', status = 200) =>
    pages.set(path, (response) => response.writeHead(status, { 'content-type': type }).end(body));

  before(async () => {
    web = createServer((request, response) => {
      asked.push(request.url!);
      const answer = pages.get(request.url!);
      if (answer) answer(response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    site = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    server = await startTestHomeserver({
      url_previews: { enabled: true, deny: ['*/private'], max_kept: 3, max_page_size: '16KB', max_image_size: '16KB' },
      outgoing: { allow: ['127.0.0.1/32'] },
    });
    alice = await server.register('alice');
  });
  after(async () => {
    await server.stop();
    web.close();
    web.closeAllConnections();
  });
  beforeEach(() => {
    asked = [];
    pages.clear();
    server.clock.advance(24 * HOUR);
  });

  const preview = (path: string, prefix = '/v1/media') =>
    alice.ask('GET', `${prefix}/preview_url?url=${encodeURIComponent(site + path)}&ts=1`);
  const picture = (uri: string) => alice.ask('GET', `/v1/media/download/${uri.slice('mxc://'.length)}`);

  it('tells of a page, with its picture as a file of this server', async () => {
    page('/cat.png', PNG, 'image/png');
    page(
      '/a',
      '<head><base href="/"><meta property="og:title" content="A cat"><meta property="og:image" content="cat.png">',
    );
    const { body } = await preview('/a');
    const { 'og:image': image, ...rest } = body;
    deepStrictEqual(rest, {
      'og:title': 'A cat',
      'og:image:type': 'image/png',
      'og:image:width': 1,
      'og:image:height': 1,
      'matrix:image:size': PNG.length,
    });
    strictEqual((await picture(image)).status, 200);
    deepStrictEqual((await preview('/a#part', '/_matrix/media/v3')).body, body);
    deepStrictEqual(asked, ['/a', '/cat.png']);
  });

  it('asks again when it has been long, and lets old pictures go', async () => {
    page('/cat.png', PNG, 'image/png');
    page('/b', '<title>One</title><link rel=image_src href=/cat.png>');
    const first = (await preview('/b')).body;
    page('/b', '<title>Two</title>');
    strictEqual((await preview('/b')).body['og:title'], 'One');
    server.clock.advance(24 * HOUR);
    deepStrictEqual((await preview('/b')).body, { 'og:title': 'Two' });
    strictEqual((await picture(first['og:image'])).status, 200);
    server.clock.advance(7 * 24 * HOUR);
    await server.homeserver.services.urlPreviews.prune();
    strictEqual((await picture(first['og:image'])).status, 404);
  });

  it('keeps no more than configured', async () => {
    for (const path of ['/1', '/2', '/3', '/4']) {
      page(path, '<title>x</title>');
      server.clock.advance(1_000);
      await preview(path);
    }
    asked = [];
    for (const path of ['/4', '/3', '/2', '/1']) await preview(path);
    deepStrictEqual(asked, ['/1']);
  });

  it('takes what oEmbed and redirects lead to', async () => {
    pages.set('/short', (response) => response.writeHead(302, { location: '/video' }).end());
    page('/video', '<link rel="alternate" type="application/json+oembed" href="/embed?x=1&amp;y=2">');
    page('/embed?x=1&y=2', '{"type":"video","title":"A film","thumbnail_url":"/cat.png"}', 'application/json');
    page('/cat.png', PNG, 'image/png');
    const { body } = await preview('/short');
    strictEqual(body['og:title'], 'A film');
    ok(body['og:image']);
  });

  it('shows pictures themselves, and says nothing of other files and missing pages', async () => {
    page('/cat.png', PNG, 'image/png');
    strictEqual((await preview('/cat.png')).body['og:image:width'], 1);
    page('/fake.png', 'no picture', 'image/png');
    deepStrictEqual((await preview('/fake.png')).body, {});
    page('/file', 'x', 'application/octet-stream');
    deepStrictEqual((await preview('/file')).body, {});
    deepStrictEqual((await preview('/missing')).body, {});
  });

  it('reads only the beginning of large pages, and takes no large pictures', async () => {
    page('/large', `<title>Large</title><link rel=image_src href=/large.png>${'<p>x</p>'.repeat(100_000)}`);
    page('/large.png', Buffer.concat([PNG, Buffer.alloc(20_000)]), 'image/png');
    const { body } = await preview('/large');
    deepStrictEqual([body['og:title'], body['og:image']], ['Large', undefined]);
  });

  it('refuses addresses that are none, are excluded or cannot be reached', async () => {
    const ask = async (url: string) => {
      const { status, body } = await alice.ask('GET', `/v1/media/preview_url?url=${encodeURIComponent(url)}`);
      return [status, body.errcode];
    };
    deepStrictEqual(await ask('nothing'), [400, 'M_INVALID_PARAM']);
    deepStrictEqual(await ask('file:///etc/passwd'), [403, 'M_FORBIDDEN']);
    deepStrictEqual(await ask(`${site}/private`), [403, 'M_FORBIDDEN']);
    deepStrictEqual(await ask('http://127.0.0.2/'), [502, 'M_UNKNOWN']);
    pages.set('/gone', (response) => response.destroy());
    deepStrictEqual(await ask(`${site}/gone`), [502, 'M_UNKNOWN']);
    pages.set('/to-private', (response) => response.writeHead(302, { location: '/private' }).end());
    page('/private', '<title>Secret</title>');
    deepStrictEqual(await ask(`${site}/to-private`), [403, 'M_FORBIDDEN']);
    pages.set('/inside', (response) => response.writeHead(302, { location: 'http://127.0.0.3/' }).end());
    deepStrictEqual(await ask(`${site}/inside`), [502, 'M_UNKNOWN']);
    strictEqual((await alice.ask('GET', '/v1/media/preview_url')).body.errcode, 'M_MISSING_PARAM');
  });

  it('is not there unless it is switched on', async () => {
    const other = await startTestHomeserver();
    try {
      const bob = await other.register('bob');
      const { status, body } = await bob.ask('GET', '/v1/media/preview_url?url=https%3A%2F%2Fexample.org');
      deepStrictEqual([status, body.errcode], [404, 'M_UNRECOGNIZED']);
      const { capabilities } = (await bob.ask('GET', '/v3/capabilities')).body;
      deepStrictEqual(capabilities['io.element.msc4452.preview_url'], { enabled: false });
    } finally {
      await other.stop();
    }
  });
});
