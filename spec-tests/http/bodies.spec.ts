import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import Type from 'typebox';
import { endpoint } from '../../src/http/endpoint.ts';
import { jsonObject, jsonValue, optionalJsonObject } from '../../src/http/schemas.ts';
import { startTestApi, type TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const echo = endpoint({
  name: 'echo',
  method: 'post',
  paths: ['/echo'],
  auth: 'none',
  rateLimit: false,
  body: optionalJsonObject,
  handle: ({ body, request }) => ({ body, keys: Object.keys(body), bytes: request.body.length }),
});

const any = endpoint({
  name: 'any',
  method: 'post',
  paths: ['/any'],
  auth: 'none',
  rateLimit: false,
  body: jsonValue,
  handle: ({ body }) => ({ body }),
});

const typed = endpoint({
  name: 'typed',
  method: 'put',
  paths: ['/typed'],
  auth: 'none',
  rateLimit: false,
  body: Type.Object({
    name: Type.String({ maxLength: 5 }),
    count: Type.Optional(Type.Integer({ minimum: 0 })),
    kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    nested: Type.Optional(Type.Object({ list: Type.Array(Type.String()), inner: Type.Optional(Type.Boolean()) })),
  }),
  handle: ({ body }) => body,
});

const queried = endpoint({
  name: 'queried',
  method: 'get',
  paths: ['/queried'],
  auth: 'none',
  rateLimit: false,
  query: Type.Object({
    limit: Type.Integer({ default: 10, minimum: 0, maximum: 100 }),
    ts: Type.Optional(Type.Integer()),
    wait: Type.Optional(Type.Boolean()),
    dir: Type.Union([Type.Literal('f'), Type.Literal('b')]),
    via: Type.Optional(Type.Array(Type.String())),
  }),
  handle: ({ query }) => query,
});

const upload = endpoint({
  name: 'upload',
  method: 'post',
  paths: ['/upload'],
  auth: 'none',
  rateLimit: false,
  bodyKind: 'raw',
  handle: async ({ request }) => ({ length: (await text(request.stream(1_000))).length }),
});

const signed = endpoint({
  name: 'signed',
  method: 'put',
  paths: ['/signed'],
  auth: 'serverSignature',
  rateLimit: false,
  body: jsonObject,
  handle: () => ({}),
});

const big = endpoint({
  name: 'big',
  method: 'post',
  paths: ['/big'],
  auth: 'none',
  rateLimit: false,
  maxBody: 500_000,
  body: jsonObject,
  handle: ({ request }) => ({ bytes: request.body.length }),
});

interface ErrorBody {
  errcode: string;
  error: string;
}

describe('bodies', () => {
  let api: TestApi;
  const clock = new TestClock();

  before(async () => {
    api = await startTestApi([echo, any, typed, queried, upload, signed, big], {}, { clock });
  });
  after(() => api.stop());

  async function send(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, type?: string) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const response = await fetch(api.url + path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> & ErrorBody };
  }

  it('parses JSON whatever its media type', async () => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      const { status, body } = await send('POST', '/echo', '{"a":1}', type);
      assert.equal(status, 200, type);
      assert.deepEqual(body['body'], { a: 1 });
    }
  });

  it('takes a missing body for the empty object where it may be left out', async () => {
    assert.deepEqual((await send('POST', '/echo')).body['body'], {});
    assert.equal((await send('PUT', '/typed')).body.errcode, 'M_NOT_JSON');
    assert.equal((await send('POST', '/big')).body.errcode, 'M_NOT_JSON');
  });

  it('keeps the last of two equal keys and any name of a key', async () => {
    const { body } = await send('POST', '/echo', '{"a":1,"a":2,"__proto__":{"x":1},"constructor":null}');
    assert.deepEqual(body['keys'], ['a', '__proto__', 'constructor']);
  });

  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const bytes = (...codes: number[]) => new Uint8Array([...Buffer.from('{"a":"'), ...codes, ...Buffer.from('"}')]);
  const refused: readonly [string, string | Uint8Array<ArrayBuffer>, string][] = [
    ['a truncated object', '{"a":', 'M_NOT_JSON'],
    ['a word', 'hello', 'M_NOT_JSON'],
    ['a trailing comma', '{"a":1,}', 'M_NOT_JSON'],
    ['two values', '{}{}', 'M_NOT_JSON'],
    ['a number that is none', '{"a":NaN}', 'M_NOT_JSON'],
    ['bytes that are not UTF-8', bytes(0xff, 0xfe), 'M_NOT_JSON'],
    ['a surrogate in UTF-8', bytes(0xed, 0xa0, 0x80), 'M_NOT_JSON'],
    ['a raw NUL', '{"a":"\0"}', 'M_NOT_JSON'],
    ['an escaped NUL', '{"a":["\\u0000"]}', 'M_BAD_JSON'],
    ['an escaped NUL in a key', '{"\\u0000":1}', 'M_BAD_JSON'],
    ['half of a surrogate pair', '{"a":"\\ud83d"}', 'M_BAD_JSON'],
    ['an array in place of an object', '[]', 'M_BAD_JSON'],
    ['null in place of an object', 'null', 'M_BAD_JSON'],
    ['101 levels', deep(101), 'M_BAD_JSON'],
    ['many thousand levels', `{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 'M_BAD_JSON'],
  ];
  for (const [what, body, errcode] of refused) {
    it(`refuses ${what} with ${errcode}`, async () => {
      const answer = await send('POST', '/echo', body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errcode, errcode);
    });
  }

  it('takes 100 levels, whole surrogate pairs and a backslash before u0000', async () => {
    assert.equal((await send('POST', '/echo', deep(100))).status, 200);
    assert.equal((await send('POST', '/any', '"\\ud83d\\ude00"')).body['body'], '😀');
    assert.equal((await send('POST', '/any', '"\\\\u0000"')).body['body'], '\\u0000');
  });

  it('leaves odd characters and depth in what servers send to those who judge event by event', async () => {
    assert.equal((await send('PUT', '/signed', `{"pdus":[${deep(500)},"\\u0000"]}`)).status, 200);
    assert.equal((await send('PUT', '/signed', '{')).body.errcode, 'M_NOT_JSON');
  });

  it('does not repeat what it could not parse', async () => {
    const { body } = await send('POST', '/echo', '{"password":"hunter2"');
    assert.doesNotMatch(body.error, /hunter2/);
  });

  const wrong: readonly [string, string, RegExp][] = [
    ['{}', 'M_MISSING_PARAM', /"name"/],
    ['{"name":1}', 'M_BAD_JSON', /"name" must be a string/],
    ['{"name":"abcdefg"}', 'M_BAD_JSON', /"name"/],
    ['{"name":"a","count":1.5}', 'M_BAD_JSON', /"count" must be an integer/],
    ['{"name":"a","count":-1}', 'M_BAD_JSON', /"count"/],
    ['{"name":"a","kind":"c"}', 'M_BAD_JSON', /"kind" must be one of: a, b/],
    ['{"name":"a","nested":{"list":["x",2]}}', 'M_BAD_JSON', /"nested.list.1"/],
    ['{"name":"a","nested":{}}', 'M_BAD_JSON', /"nested.list" is missing/],
  ];
  for (const [body, errcode, message] of wrong) {
    it(`says what is wrong with ${body}`, async () => {
      const answer = await send('PUT', '/typed', body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errcode, errcode);
      assert.match(answer.body.error, message);
    });
  }

  it('keeps fields that it does not know', async () => {
    assert.deepEqual((await send('PUT', '/typed', '{"name":"a","org.x":[1]}')).body, { name: 'a', 'org.x': [1] });
  });

  it('reads numbers, booleans, repetitions and defaults in a query', async () => {
    const { body } = await send('GET', '/queried?ts=-5&wait=true&dir=f&via=a&via=b%2Bc+d&other=1');
    assert.deepEqual(body, { limit: 10, ts: -5, wait: true, dir: 'f', via: ['a', 'b+c d'] });
    assert.deepEqual((await send('GET', '/queried?dir=b&via=a&limit=5')).body, { limit: 5, dir: 'b', via: ['a'] });
  });

  const wrongQueries: readonly [string, string, RegExp][] = [
    ['', 'M_MISSING_PARAM', /"dir"/],
    ['?dir=x', 'M_INVALID_PARAM', /"dir"/],
    ['?dir=f&limit=1e3', 'M_INVALID_PARAM', /"limit"/],
    ['?dir=f&limit=', 'M_INVALID_PARAM', /"limit"/],
    ['?dir=f&limit=101', 'M_INVALID_PARAM', /"limit"/],
    ['?dir=f&limit=99999999999999999999', 'M_INVALID_PARAM', /"limit"/],
    ['?dir=f&wait=yes', 'M_INVALID_PARAM', /"wait"/],
    ['?dir=f&via=%00', 'M_INVALID_PARAM', /NUL/],
  ];
  for (const [query, errcode, message] of wrongQueries) {
    it(`says what is wrong with the query "${query}"`, async () => {
      const { status, body } = await send('GET', `/queried${query}`);
      assert.equal(status, 400);
      assert.equal(body.errcode, errcode);
      assert.match(body.error, message);
    });
  }

  it('refuses a body beyond the limit with 413 M_TOO_LARGE, whether or not its length is declared', async () => {
    const declared = await send('POST', '/echo', `{"a":"${'x'.repeat(100_000)}"}`);
    assert.equal(declared.status, 413);
    assert.equal(declared.body.errcode, 'M_TOO_LARGE');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${api.url}/echo`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject);
      for (let i = 0; i < 11; i++) sending.write('x'.repeat(10_000));
      sending.end();
    });
    assert.equal(status, 413);
  });

  it('has a larger limit for endpoints that ask for one', async () => {
    assert.equal((await send('POST', '/big', `{"a":"${'x'.repeat(200_000)}"}`)).body['bytes'], 200_008);
  });

  it('hands out a raw body as a stream up to the limit that the handler names', async () => {
    assert.equal((await send('POST', '/upload', 'x'.repeat(1_000))).body['length'], 1_000);
    assert.equal((await send('POST', '/upload', 'x'.repeat(1_001))).status, 413);
  });

  it('keeps the connection usable after a refusal', async () => {
    for (let i = 0; i < 3; i++) {
      assert.equal((await send('POST', '/echo', `{"a":"${'x'.repeat(150_000)}"}`)).status, 413);
      assert.equal((await send('POST', '/echo', '{}')).status, 200);
    }
  });

  it('answers 408 to a client that does not send what it has declared', async () => {
    const { port, hostname } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
    while (clock.pending === 0) await new Promise(setImmediate);
    clock.advance(5_000);
    assert.match(await answer, /^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  it('does not mind a client that goes away in the middle', async () => {
    const { port, hostname } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
    while (clock.pending === 0) await new Promise(setImmediate);
    socket.destroy();
    while (clock.pending > 0) await new Promise(setImmediate);
    assert.equal(api.lines.filter((line) => line.includes('"level":50')).length, 0);
  });
});
