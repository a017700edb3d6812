import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { cacheLifetime } from '../../src/federation/discovery/cache-lifetime.ts';
import { readDelegation, WellKnownClient } from '../../src/federation/discovery/well-known-client.ts';
import { type Certificate, makeCa, type TestCa } from '../support/certificates.ts';
import { type Peer, startPeer } from '../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../support/test-outgoing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 1);

describe('cacheLifetime', () => {
  for (const [headers, expected] of [
    [{}, 24 * HOUR],
    [{ 'cache-control': 'max-age=3600' }, HOUR],
    [{ 'cache-control': 'public, Max-Age="7200", must-revalidate' }, 2 * HOUR],
    [{ 'cache-control': 'max-age=3600', expires: 'Thu, 01 Jan 2026 20:00:00 GMT' }, HOUR],
    [{ 'cache-control': 'public' }, 24 * HOUR],
    [{ 'cache-control': 'max-age=1' }, 5 * MINUTE],
    [{ 'cache-control': 'max-age=999999999999999' }, 48 * HOUR],
    [{ 'cache-control': 'max-age=-1' }, 24 * HOUR],
    [{ 'cache-control': 'no-store' }, 5 * MINUTE],
    [{ 'cache-control': 'no-cache, max-age=3600' }, 5 * MINUTE],
    [{ expires: 'Thu, 01 Jan 2026 03:00:00 GMT' }, 3 * HOUR],
    [{ expires: 'Wed, 31 Dec 2025 00:00:00 GMT' }, 5 * MINUTE],
    [{ expires: '0' }, 5 * MINUTE],
    [{ expires: 'soon' }, 5 * MINUTE],
  ] as const) {
    it(`is ${expected / MINUTE} minutes for ${JSON.stringify(headers)}`, () => {
      const found: Readonly<Record<string, string>> = headers;
      assert.equal(
        cacheLifetime((name) => found[name], NOW),
        expected,
      );
    });
  }
});

describe('readDelegation', () => {
  const read = (body: string) => readDelegation(Buffer.from(body), () => undefined, NOW);

  for (const to of ['d.example', 'd.example:8449', '1.2.3.4:1', '[2a00::1]']) {
    it(`takes ${to}`, () => {
      assert.deepEqual(read(JSON.stringify({ 'm.server': to })), { kind: 'delegated', to, lifetimeMs: 24 * HOUR });
    });
  }

  for (const body of [
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"m.server":1}',
    '{"m.server":""}',
    '{"m.server":"https://d.example"}',
    '{"m.server":"d.example:99999"}',
    '{"m.server":"d.example/"}',
  ]) {
    it(`finds no delegation in ${body || 'nothing'}`, () => assert.deepEqual(read(body), { kind: 'none' }));
  }
});

describe('WellKnownClient', () => {
  let ca: TestCa;
  let certificate: Certificate;
  let outgoing: TestOutgoing;
  let peer: Peer | undefined;

  before(function () {
    ca = makeCa(this);
    certificate = ca.issue('s.example');
  });
  after(() => ca?.remove());
  beforeEach(() => {
    outgoing = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file] });
    outgoing.names.address('s.example', '127.0.0.1').address('other.example', '127.0.0.1');
  });
  afterEach(async () => {
    await outgoing.client.close();
    await peer?.close();
    peer = undefined;
  });

  const ask = async (answer: (url: string, response: ServerResponse) => void, host = 's.example') => {
    peer = await startPeer((request, response) => answer(request.url ?? '', response), { certificate });
    const { client, clock } = outgoing;
    return new WellKnownClient(client, { clock, timeoutMs: 10_000, port: peer.port }).ask(host);
  };

  it('asks at the well-known place, whatever the media type of the answer', async () => {
    const found = await ask((_url, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html', 'cache-control': 'max-age=600' })
        .end('{"m.server":"d.example:1"}');
    });
    assert.deepEqual(found, { kind: 'delegated', to: 'd.example:1', lifetimeMs: 10 * MINUTE });
    assert.equal(peer?.requests[0]?.target, '/.well-known/matrix/server');
    assert.equal(peer?.requests[0]?.headers.authorization, undefined);
  });

  it('follows redirects, and no loops', async () => {
    const found = await ask((url, response) => {
      if (url.startsWith('/.well-known')) response.writeHead(301, { location: '/elsewhere' }).end();
      else response.end('{"m.server":"d.example"}');
    });
    assert.equal(found.kind, 'delegated');
    await peer?.close();
    assert.deepEqual(await ask((url, response) => response.writeHead(302, { location: url }).end()), {
      kind: 'failed',
    });
  });

  for (const [status, kind] of [
    [404, 'none'],
    [403, 'none'],
    [204, 'none'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ] as const) {
    it(`takes ${status} for ${kind}`, async () => {
      assert.deepEqual(await ask((_url, response) => response.writeHead(status).end('{"m.server":"d.example"}')), {
        kind,
      });
    });
  }

  it('does not read more than 50 KB', async () => {
    const body = `{"m.server":"d.example"${' '.repeat(51_200)}}`;
    assert.deepEqual(await ask((_url, response) => response.end(body)), { kind: 'failed' });
  });

  it('fails without the right certificate', async () => {
    assert.deepEqual(await ask((_url, response) => response.end('{"m.server":"d.example"}'), 'other.example'), {
      kind: 'failed',
    });
  });
});
