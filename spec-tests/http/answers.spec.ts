import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type Answer, endpoint } from '../../src/http/endpoint.ts';
import { json, jsonText, raw, redirect } from '../../src/http/reply.ts';
import { MatrixError } from '../../src/protocol/errors.ts';
import { startTestApi, type TestApi } from '../support/test-api.ts';

class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
}

const ANSWERS: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
  object: () => ({ a: 'é' }),
  text: () => jsonText('{"ready":true}'),
  created: () => json(201, { made: 1 }, { ETag: '"x"' }),
  html: () => raw(200, { 'Content-Type': 'text/html' }, '<p>hi'),
  stream: () => raw(200, { 'Content-Type': 'text/plain' }, Readable.from([Buffer.from('one '), Buffer.from('two')])),
  moved: () => redirect('https://example.org/'),
  empty: () => raw(304, { ETag: '"y"' }),
  uia: () => {
    throw new MatrixError('M_FORBIDDEN', 'Wrong password', { status: 401, extra: { flows: [] } });
  },
  bug: () => {
    throw new TypeError('secret detail');
  },
  later: async () => {
    throw new TypeError('secret detail');
  },
  thrown: () => {
    throw 'a text';
  },
  full: () => {
    throw new StorageUnavailableError('too many writes');
  },
  torn: () =>
    raw(
      200,
      { 'Content-Type': 'text/plain' },
      Readable.from(
        (function* () {
          yield Buffer.from('begin');
          throw new Error('disk is gone');
        })(),
      ),
    ),
};

const answers = Object.entries(ANSWERS).map(([name, handle]) =>
  endpoint({ name, method: 'get', paths: [`/${name}`], auth: 'none', rateLimit: false, handle: () => handle() }),
);

describe('answers', () => {
  let api: TestApi;

  before(async () => {
    const pages = (_: unknown, response: { writeHead(status: number): { end(text: string): void } }) =>
      response.writeHead(200).end('a page');
    api = await startTestApi(answers, {}, { settings: { pages } });
  });
  after(() => api.stop());

  const get = (path: string) => fetch(api.url + path, { redirect: 'manual' });

  it('sends an object as JSON', async () => {
    const response = await get('/object');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(response.headers.get('content-length'), '10');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.deepEqual(await response.json(), { a: 'é' });
  });

  const forms: readonly [string, number, string, string | null][] = [
    ['/text', 200, '{"ready":true}', 'application/json'],
    ['/created', 201, '{"made":1}', 'application/json'],
    ['/html', 200, '<p>hi', 'text/html'],
    ['/stream', 200, 'one two', 'text/plain'],
    ['/moved', 302, '', null],
    ['/empty', 304, '', null],
  ];
  for (const [path, status, body, type] of forms) {
    it(`sends ${path.slice(1)}`, async () => {
      const response = await get(path);
      assert.equal(response.status, status);
      assert.equal(await response.text(), body);
      assert.equal(response.headers.get('content-type'), type);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    });
  }

  it('sends a refusal with all that belongs to it', async () => {
    const response = await get('/uia');
    assert.equal(response.status, 401);
    assert.deepEqual(await response.json(), { flows: [], errcode: 'M_FORBIDDEN', error: 'Wrong password' });
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
  });

  for (const path of ['/bug', '/later', '/thrown']) {
    it(`tells nothing of what went wrong inside to the client and everything to the log (${path})`, async () => {
      const response = await get(path);
      assert.equal(response.status, 500);
      assert.deepEqual(await response.json(), { errcode: 'M_UNKNOWN', error: 'Internal server error' });
      const id = response.headers.get('x-request-id');
      const line = api.lines.find((text) => text.includes(`"req":"${id}"`) && text.includes('request failed'));
      assert.match(line ?? '', /answers\.spec\.[jt]s|a text/);
    });
  }

  it('asks to come back when the storage takes no more', async () => {
    const response = await get('/full');
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '5');
  });

  it('breaks off a body that cannot be finished', async () => {
    const response = await get('/torn');
    await assert.rejects(response.text());
  });

  it('names the request as it was named, if the name is sane', async () => {
    const named = (id: string) => fetch(`${api.url}/object`, { headers: { 'x-request-id': id } });
    assert.equal((await named('abc-123')).headers.get('x-request-id'), 'abc-123');
    assert.notEqual((await named('a b{}')).headers.get('x-request-id'), 'a b{}');
    assert.notEqual(
      (await get('/object')).headers.get('x-request-id'),
      (await get('/object')).headers.get('x-request-id'),
    );
  });

  it('leaves what is not an API to the pages', async () => {
    assert.equal(await (await get('/anything/else')).text(), 'a page');
    assert.equal((await get('/_matrix/else')).status, 404);
    assert.equal((await get('/.well-known/matrix/else')).status, 404);
  });
});
