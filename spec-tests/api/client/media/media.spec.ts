import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

/** A picture of one colour. */
function picture(width: number, height: number, alpha = 1) {
  return sharp({ create: { width, height, channels: 4, background: { r: 200, g: 30, b: 30, alpha } } });
}

describe('Media', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver({
      federation: { enabled: false },
      media: { max_upload_size: '100KB', max_pending_uploads: 2, max_image_pixels: 4_000_000 },
    });
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const request = (user: TestUser | undefined, method: string, path: string, init: RequestInit = {}) =>
    fetch(server.url + path, {
      method,
      ...init,
      headers: { ...(user ? { authorization: `Bearer ${user.accessToken}` } : {}), ...init.headers },
    });
  const upload = async (bytes: Uint8Array | string, type = 'text/plain', query = ''): Promise<string> => {
    const answer = await request(alice, 'POST', `/_matrix/media/v3/upload${query}`, {
      body: bytes,
      headers: { 'content-type': type },
    });
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { content_uri: string }).content_uri.slice('mxc://'.length);
  };
  const download = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
    request(bob, method, `/_matrix/client/v1/media/download/${address}`, { headers });
  const refusal = async (answer: Response) => {
    const { errcode } = (await answer.json()) as { errcode: string };
    return [answer.status, errcode];
  };
  const unfinished = () => readdirSync(join(server.engine.folder, 'media', 'unfinished'));

  describe('uploadContent and getContentAuthed', () => {
    it('gives back the bytes, their type and their name, and lets browsers do no harm with them', async () => {
      const address = await upload('hello', 'text/plain; charset=utf-8', '?filename=hello.txt');
      assert.match(address, /^test\.example\/[A-Za-z0-9_-]+$/);
      const answer = await download(address);
      assert.equal(await answer.text(), 'hello');
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(answer.headers.get('content-length'), '5');
      assert.equal(answer.headers.get('content-disposition'), 'inline; filename="hello.txt"');
      assert.match(answer.headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/);
      assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(answer.headers.get('cache-control'), 'private, max-age=31536000, immutable');
    });

    it('sends what could run scripts as an attachment, whatever it is called', async () => {
      const html = await download(await upload('<script>', 'text/html', '?filename=a%22b%C3%BC.html'));
      assert.equal(html.headers.get('content-disposition'), "attachment; filename*=utf-8''a%22b%C3%BC.html");
      const odd = await download(await upload('x', 'no type'));
      assert.equal(odd.headers.get('content-type'), 'application/octet-stream');
      assert.equal(odd.headers.get('content-disposition'), 'attachment');
    });

    it('gives another name where one is asked for', async () => {
      const address = await upload('x', 'image/png', '?filename=one.png');
      const answer = await download(`${address}/two.png`);
      assert.equal(answer.headers.get('content-disposition'), 'inline; filename="two.png"');
    });

    it('refuses what is larger than it says in the configuration, and leaves nothing behind', async () => {
      const { body } = await alice.ask('GET', '/v1/media/config');
      assert.deepEqual(body, { 'm.upload.size': 102_400 });
      assert.deepEqual((await alice.ask('GET', '/_matrix/media/v3/config')).body, body);
      const large = new Uint8Array(body['m.upload.size'] + 1);
      const whole = await request(alice, 'POST', '/_matrix/media/v3/upload', { body: large });
      assert.deepEqual(await refusal(whole), [413, 'M_TOO_LARGE']);
      const chunks = new Blob([large]).stream();
      const streamed = await request(alice, 'POST', '/_matrix/media/v3/upload', {
        body: chunks,
        duplex: 'half',
      } as RequestInit);
      assert.deepEqual(await refusal(streamed), [413, 'M_TOO_LARGE']);
      assert.deepEqual(unfinished(), []);
    });

    it('keeps an empty file', async () => {
      const answer = await download(await upload(''));
      assert.deepEqual([answer.status, await answer.text()], [200, '']);
    });

    it('wants an access token', async () => {
      const answer = await request(undefined, 'POST', '/_matrix/media/v3/upload', { body: 'x' });
      assert.deepEqual(await refusal(answer), [401, 'M_MISSING_TOKEN']);
    });

    it('answers 404 M_NOT_FOUND for files that are not here, of impossible ids and where other servers are not spoken with', async () => {
      for (const address of ['test.example/nothing', 'elsewhere.example/abcdefgh', 'test.example/..%2F..%2Fetc']) {
        assert.deepEqual(await refusal(await download(address)), [404, 'M_NOT_FOUND'], address);
      }
    });

    it('has everything after a restart', async () => {
      const address = await upload('still here');
      await server.restart();
      assert.equal(await (await download(address)).text(), 'still here');
    });
  });

  describe('parts and caches', () => {
    let address: string;
    before(async () => {
      address = await upload('0123456789');
    });

    it('gives the part that is asked for', async () => {
      for (const [range, text, sent] of [
        ['bytes=2-4', '234', 'bytes 2-4/10'],
        ['bytes=7-', '789', 'bytes 7-9/10'],
        ['bytes=-3', '789', 'bytes 7-9/10'],
        ['bytes=8-100', '89', 'bytes 8-9/10'],
      ] as const) {
        const answer = await download(address, { range });
        assert.deepEqual(
          [answer.status, await answer.text(), answer.headers.get('content-range')],
          [206, text, sent],
          range,
        );
      }
    });

    it('gives the whole where the part makes no sense, and 416 where it is beyond the end', async () => {
      for (const range of ['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-']) {
        assert.equal(await (await download(address, { range })).text(), '0123456789', range);
      }
      const beyond = await download(address, { range: 'bytes=10-' });
      assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, 'bytes */10']);
    });

    it('sends nothing to who has it already', async () => {
      const etag = (await download(address)).headers.get('etag')!;
      assert.equal(etag, `"${createHash('sha256').update('0123456789').digest('hex')}"`);
      const again = await download(address, { 'if-none-match': `"other", W/${etag}` });
      assert.deepEqual([again.status, await again.text()], [304, '']);
      const changed = await download(address, { range: 'bytes=0-1', 'if-range': '"other"' });
      assert.equal(changed.status, 200);
      assert.equal((await download(address, { range: 'bytes=0-1', 'if-range': etag })).status, 206);
    });

    it('answers HEAD with the headers alone', async () => {
      const answer = await download(address, {}, 'HEAD');
      assert.deepEqual([answer.status, answer.headers.get('content-length'), await answer.text()], [200, '10', '']);
    });
  });

  describe('getContent', () => {
    it('gives files to clients without access tokens, and lets anybody keep them', async () => {
      const address = await upload('old', 'text/plain', '?filename=a.txt');
      for (const version of ['r0', 'v1', 'v3']) {
        const answer = await request(
          undefined,
          'GET',
          `/_matrix/media/${version}/download/${address}?allow_remote=false`,
        );
        assert.equal(await answer.text(), 'old');
        assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      }
      const named = await request(undefined, 'GET', `/_matrix/media/v3/download/${address}/b.txt`);
      assert.equal(named.headers.get('content-disposition'), 'inline; filename="b.txt"');
    });
  });

  describe('createContent and uploadContentToMXC', () => {
    const create = async (user = alice) => {
      const answer = await user.ask('POST', '/_matrix/media/v1/create');
      assert.equal(answer.status, 200);
      return (answer.body.content_uri as string).slice('mxc://'.length);
    };
    const fill = (address: string, body: string, user = alice) =>
      request(user, 'PUT', `/_matrix/media/v3/upload/${address}?filename=f.txt`, {
        body,
        headers: { 'content-type': 'text/plain' },
      });

    it('takes the file once, from who reserved the address', async () => {
      const address = await create();
      assert.deepEqual(await refusal(await fill(address, 'x', bob)), [403, 'M_FORBIDDEN']);
      assert.equal((await fill(address, 'later')).status, 200);
      assert.deepEqual(await refusal(await fill(address, 'again')), [409, 'M_CANNOT_OVERWRITE_MEDIA']);
      const answer = await download(address);
      assert.equal(await answer.text(), 'later');
      assert.equal(answer.headers.get('content-disposition'), 'inline; filename="f.txt"');
    });

    it('makes downloads wait for the file, and answers 504 M_NOT_YET_UPLOADED when it does not come', async () => {
      const address = await create();
      const impatient = await download(`${address}?timeout_ms=0`);
      assert.deepEqual(await refusal(impatient), [504, 'M_NOT_YET_UPLOADED']);
      const waiting = download(`${address}?timeout_ms=30000`);
      await fill(address, 'there');
      assert.equal(await (await waiting).text(), 'there');
    });

    it('limits how many addresses are reserved at once', async () => {
      const first = await create(bob);
      await create(bob);
      const third = await bob.ask('POST', '/_matrix/media/v1/create');
      assert.deepEqual([third.status, third.body.errcode], [429, 'M_LIMIT_EXCEEDED']);
      assert.ok(third.body.retry_after_ms > 0);
      await fill(first, 'x', bob);
      await create(bob);
    });

    it('gives up addresses that are not used in a day', async () => {
      const { body } = await alice.ask('POST', '/_matrix/media/v1/create');
      assert.equal(body.unused_expires_at, server.clock.now() + 86_400_000);
      const address = body.content_uri.slice('mxc://'.length);
      server.clock.advance(86_400_000);
      assert.deepEqual(await refusal(await fill(address, 'x')), [404, 'M_NOT_FOUND']);
      assert.deepEqual(await refusal(await download(address)), [404, 'M_NOT_FOUND']);
      await server.homeserver.services.media.expire();
      assert.deepEqual(await refusal(await fill(address, 'x')), [404, 'M_NOT_FOUND']);
    });

    it('knows no addresses but those it gave', async () => {
      assert.deepEqual(await refusal(await fill('test.example/made-up', 'x')), [404, 'M_NOT_FOUND']);
      assert.deepEqual(await refusal(await fill('elsewhere.example/abcdefgh', 'x')), [404, 'M_NOT_FOUND']);
    });
  });

  describe('getContentThumbnailAuthed', () => {
    const thumbnail = (address: string, query: string) =>
      request(bob, 'GET', `/_matrix/client/v1/media/thumbnail/${address}?${query}`);
    const look = async (answer: Response) => {
      const bytes = Buffer.from(await answer.arrayBuffer());
      const { width, height, format, pages = 1 } = await sharp(bytes, { animated: true }).metadata();
      return { width, height: pages > 1 ? height / pages : height, format, pages };
    };
    let wide: string;

    before(async () => {
      wide = await upload(await picture(1000, 500).flatten().jpeg().toBuffer(), 'image/jpeg');
    });

    it('scales within the size, and crops to fill it', async () => {
      const scaled = await thumbnail(wide, 'width=320&height=240&method=scale');
      assert.equal(scaled.headers.get('content-type'), 'image/jpeg');
      assert.equal(scaled.headers.get('content-disposition'), 'inline; filename="thumbnail.jpeg"');
      assert.deepEqual(await look(scaled), { width: 320, height: 160, format: 'jpeg', pages: 1 });
      const cropped = await thumbnail(wide, 'width=96&height=96&method=crop');
      assert.deepEqual(await look(cropped), { width: 96, height: 96, format: 'jpeg', pages: 1 });
    });

    it('takes the configured size that is large enough', async () => {
      assert.equal((await look(await thumbnail(wide, 'width=33&height=10&method=crop'))).width, 96);
      assert.equal((await look(await thumbnail(wide, 'width=9000&height=9000'))).width, 800);
    });

    it('never makes a picture larger, and leaves a PNG one', async () => {
      for (const png of [picture(20, 10, 0.5), picture(20, 10).flatten()]) {
        const address = await upload(await png.png().toBuffer(), 'image/png');
        const answer = await thumbnail(address, 'width=320&height=240');
        assert.equal(answer.headers.get('content-type'), 'image/png');
        assert.deepEqual(await look(answer), { width: 20, height: 10, format: 'png', pages: 1 });
      }
    });

    it('moves only where it is asked to and the picture does', async () => {
      const frames = await Promise.all([0.2, 0.9].map((alpha) => picture(200, 200, alpha).png().toBuffer()));
      const moving = await sharp(frames, { join: { animated: true } })
        .gif({ delay: [100, 100] })
        .toBuffer();
      const address = await upload(moving, 'image/gif');
      const still = await look(await thumbnail(address, 'width=96&height=96&method=crop'));
      assert.deepEqual([still.pages, still.format], [1, 'png']);
      const alive = await look(await thumbnail(address, 'width=96&height=96&method=crop&animated=true'));
      assert.deepEqual([alive.pages, alive.format], [2, 'webp']);
      const plain = await look(await thumbnail(wide, 'width=96&height=96&method=crop&animated=true'));
      assert.deepEqual([plain.pages, plain.format], [1, 'jpeg']);
    });

    it('is made once, and kept', async () => {
      const [one, two] = await Promise.all([1, 2].map(() => thumbnail(wide, 'width=640&height=480')));
      assert.equal(one?.headers.get('etag'), two?.headers.get('etag'));
      assert.deepEqual(await one?.arrayBuffer(), await two?.arrayBuffer());
      const again = await request(bob, 'GET', `/_matrix/client/v1/media/thumbnail/${wide}?width=640&height=480`, {
        headers: { 'if-none-match': one?.headers.get('etag') ?? '' },
      });
      assert.equal(again.status, 304);
    });

    it('does not look at what a file is said to be', async () => {
      const address = await upload(await picture(50, 50).png().toBuffer(), 'text/html');
      assert.equal((await thumbnail(address, 'width=32&height=32&method=crop')).status, 200);
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
      for (const [bytes, type] of [
        ['no picture', 'image/png'],
        [svg, 'image/png'],
        [svg, 'image/svg+xml'],
      ] as const) {
        const answer = await thumbnail(await upload(bytes, type), 'width=32&height=32');
        assert.deepEqual(await refusal(answer), [400, 'M_UNKNOWN']);
      }
    });

    it('refuses pictures with too many pixels, however small the file', async () => {
      const bomb = await sharp({ create: { width: 2100, height: 2100, channels: 3, background: 'white' } })
        .png({ compressionLevel: 9 })
        .toBuffer();
      const answer = await thumbnail(await upload(bomb, 'image/png'), 'width=32&height=32');
      assert.deepEqual(await refusal(answer), [413, 'M_TOO_LARGE']);
    });

    it('refuses sizes and methods that are none', async () => {
      assert.equal((await thumbnail(wide, 'width=0&height=10')).status, 400);
      assert.equal((await thumbnail(wide, 'width=10&height=10&method=stretch')).status, 400);
      assert.deepEqual(await refusal(await thumbnail(wide, 'width=10')), [400, 'M_MISSING_PARAM']);
    });

    it('is there for old clients, too', async () => {
      const answer = await request(
        undefined,
        'GET',
        `/_matrix/media/r0/thumbnail/${wide}?width=32&height=32&method=crop`,
      );
      assert.equal((await look(answer)).width, 32);
    });
  });
});

describe('Media without unauthenticated downloads', () => {
  it('answers 404 M_NOT_FOUND to clients without access tokens', async () => {
    const server = await startTestHomeserver({ media: { unauthenticated_downloads: false } });
    for (const path of ['download/test.example/abc', 'thumbnail/test.example/abc?width=1&height=1']) {
      const { status, body } = await server.ask('GET', `/_matrix/media/v3/${path}`);
      assert.deepEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
    }
    await server.stop();
  });
});
