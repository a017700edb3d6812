import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Delegations } from '../../src/federation/discovery/delegations.ts';
import { ServerDiscovery } from '../../src/federation/discovery/server-discovery.ts';
import { FederationClient } from '../../src/federation/signed-client/federation-client.ts';
import { RemoteError } from '../../src/federation/signed-client/remote-error.ts';
import { verifyRequest } from '../../src/federation/signed-client/verify-request.ts';
import { parseXMatrix } from '../../src/federation/signed-client/x-matrix.ts';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { verifyKeyFromBase64 } from '../../src/protocol/signing/verify-key.ts';
import { systemRandom } from '../../src/util/random.ts';
import { type Certificate, makeCa, type TestCa } from '../support/certificates.ts';
import { type Peer, startPeer } from '../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../support/test-outgoing.ts';

const key = signingKeyFromSeed(Buffer.alloc(32, 1), 'a');
const destination = 's.example' as ServerName;

describe('FederationClient', () => {
  let ca: TestCa;
  let certificate: Certificate;
  let outgoing: TestOutgoing;
  let client: FederationClient;
  let peers: Peer[];

  before(function () {
    ca = makeCa(this);
    certificate = ca.issue('s.example');
  });
  after(() => ca?.remove());
  beforeEach(() => {
    peers = [];
    outgoing = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file] });
    const delegations = new Delegations(
      { ask: async () => ({ kind: 'none' }) },
      { clock: outgoing.clock, maxEntries: 10 },
    );
    const discovery = new ServerDiscovery(delegations, outgoing.resolver, systemRandom);
    client = new FederationClient(outgoing.client, discovery, { serverName: 'me.example' as ServerName, key });
  });
  afterEach(async () => {
    await outgoing.client.close();
    await Promise.all(peers.map((peer) => peer.close()));
  });

  /** A server at the end of an SRV record of `s.example`. */
  const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Peer> => {
    const peer = await startPeer(answer, { certificate });
    peers.push(peer);
    outgoing.names
      .address('t.example', '127.0.0.1')
      .service('_matrix-fed._tcp.s.example', { name: 't.example', port: peer.port, priority: 1, weight: 0 });
    return peer;
  };

  it('signs what it sends, and speaks to the server by its name wherever it is', async () => {
    let body = Buffer.alloc(0);
    const peer = await serve((request, response) => {
      request
        .on('data', (chunk: Buffer) => {
          body = Buffer.concat([body, chunk]);
        })
        .on('end', () => response.end('{"well":true}'));
    });
    const uri = '/_matrix/federation/v1/send/1%2F2?a=%24b';
    const content = { pdus: [], origin: 'me.example', é: 1.5 };
    assert.deepEqual(await client.ask({ destination, method: 'PUT', uri, content }), { well: true });
    const [seen] = peer.requests;
    assert.deepEqual([seen?.method, seen?.target, seen?.host, seen?.sni], ['PUT', uri, 's.example', 's.example']);
    assert.equal(seen?.headers['content-type'], 'application/json');
    const header = parseXMatrix(seen?.headers.authorization ?? '');
    assert.deepEqual([header?.origin, header?.destination, header?.key], ['me.example', 's.example', 'ed25519:a']);
    const publicKey = verifyKeyFromBase64(key.publicKey)!;
    assert.ok(verifyRequest({ method: 'PUT', uri, body }, header!, 's.example', publicKey));
  });

  it('does not sign where that is not wanted', async () => {
    const peer = await serve((_request, response) => response.end('{}'));
    await client.ask({ destination, method: 'GET', uri: '/_matrix/key/v2/server', signed: false });
    assert.equal(peer.requests[0]?.headers.authorization, undefined);
  });

  it('tries the next target where one cannot be connected to', async () => {
    const gone = await serve((_request, response) => response.end('{}'));
    await gone.close();
    const peer = await serve((_request, response) => response.end('{"second":true}'));
    const target = (port: number, priority: number) => ({ name: 't.example', port, priority, weight: 0 });
    outgoing.names.service('_matrix-fed._tcp.s.example', target(gone.port, 1), target(peer.port, 2));
    assert.deepEqual(await client.ask({ destination, method: 'GET', uri: '/x' }), { second: true });
  });

  it('fails with the last failure where none can be connected to', async () => {
    const gone = await serve((_request, response) => response.end('{}'));
    await gone.close();
    await assert.rejects(
      client.ask({ destination, method: 'GET', uri: '/x' }),
      (error) => error instanceof OutgoingError && error.kind === 'connect-failed',
    );
  });

  it('tells the error that a server answers', async () => {
    await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('{"errcode":"M_LIMIT_EXCEEDED","error":"slow"}');
    });
    await assert.rejects(client.ask({ destination, method: 'GET', uri: '/x' }), (error) => {
      assert.ok(error instanceof RemoteError);
      assert.deepEqual(
        [error.server, error.status, error.errcode, error.retryAfterMs],
        ['s.example', 429, 'M_LIMIT_EXCEEDED', 7000],
      );
      assert.equal(error.message, 's.example: answered 429 M_LIMIT_EXCEEDED');
      return true;
    });
  });

  for (const [what, status, body] of [
    ['a redirect', 302, '{}'],
    ['an error without JSON', 502, '<html>'],
    ['success without JSON', 200, '<html>'],
    ['success with something else than an object', 200, '[]'],
  ] as const) {
    it(`does not take ${what} for an answer`, async () => {
      const peer = await serve((_request, response) =>
        response.writeHead(status, { location: '/elsewhere' }).end(body),
      );
      await assert.rejects(
        client.ask({ destination, method: 'GET', uri: '/x' }),
        (error) => error instanceof RemoteError && error.status === status,
      );
      assert.equal(peer.requests.length, 1);
    });
  }

  it('hands out a body as it comes', async () => {
    await serve((_request, response) => response.end('bytes'));
    const answer = await client.open({ destination, method: 'GET', uri: '/x' });
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), 'bytes');
  });
});
