import assert from 'node:assert/strict';
import fc from 'fast-check';
import { registry } from '../../src/api/registry.ts';
import { contentText } from '../../src/federation/signed-client/request-text.ts';
import { signRequest } from '../../src/federation/signed-client/sign-request.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { type FuzzRequest, FuzzRequests } from '../support/fuzz-requests.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

/** Requests an endpoint; `FUZZ_RUNS=1000 FUZZ_SEED=$RANDOM` looks further. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 12);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_26);
const WAIT_MS = 150;
const HANG_MS = 15_000;

describe('any request of a server', () => {
  let federation: TestFederation;
  let asked: TestPeer;
  let peer: TestPeer;
  let requests: FuzzRequests;

  before(async function () {
    this.timeout(30_000);
    // Time races below, so that fetching keys meanwhile could come too late.
    federation = await startTestFederation(this, 1, { federation: { key_validity: '7d' } });
    peer = federation.servers[0]!;
    // Without TLS, so that requests can be made by hand.
    asked = await federation.add({ listeners: [{ bind: '127.0.0.1', port: 0 }] });
    const { keyId } = peer.homeserver.services.signingKey;
    const validAt = federation.clock.now();
    await asked.homeserver.services.keyRing.lookup([{ server: peer.serverName as ServerName, keyId, validAt }]);
    const alice = await asked.register('alice');
    const bob = await peer.register('bob');
    const { body: room } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    await asked.homeserver.services.timeline.send(room.room_id, {
      type: 'm.room.member',
      sender: bob.userId,
      stateKey: bob.userId,
      content: { membership: 'join' },
    });
    const sent = await alice.ask('PUT', `/v3/rooms/${room.room_id}/send/m.room.message/t`, { body: 'a' });
    requests = new FuzzRequests({
      roomIds: [room.room_id],
      userIds: [alice.userId, bob.userId],
      eventIds: [sent.body.event_id],
      serverName: asked.serverName,
    });
  });
  after(() => federation?.stop());

  function authorization({ method, target, body, withToken }: FuzzRequest): Record<string, string> {
    if (!withToken) return {};
    const content = body === undefined || body === '' ? {} : { content: signedContent(body) };
    const origin = peer.serverName as ServerName;
    const destination = asked.serverName as ServerName;
    const signed = { method, uri: target, origin, destination, ...content };
    return { authorization: signRequest(signed, peer.homeserver.services.signingKey) };
  }

  async function send(request: FuzzRequest): Promise<number> {
    const { method, target, body } = request;
    const init = { method, headers: authorization(request), signal: AbortSignal.timeout(HANG_MS) };
    const answer = fetch(asked.url + target, body === undefined ? init : { ...init, body });
    const impatience = setInterval(() => federation.clock.advance(60_000), WAIT_MS);
    try {
      const response = await answer;
      await response.arrayBuffer();
      return response.status;
    } finally {
      clearInterval(impatience);
    }
  }

  const endpoints = (registry as readonly Endpoint<never>[]).filter(({ auth }) => auth === 'serverSignature');
  for (const endpoint of endpoints) {
    it(`to ${endpoint.name} is answered, and not with an internal error`, async function () {
      this.timeout(60_000);
      let refused = 0;
      let sent = 0;
      const property = fc.asyncProperty(requests.of(endpoint), async (request) => {
        // What fetch would change on its way is signed otherwise than it is sent.
        fc.pre(new URL(request.target, 'http://a').href === `http://a${request.target}`);
        const status = await send(request);
        assert.notEqual(status, 500, asked.lines.at(-1));
        sent += Number(request.withToken);
        refused += Number(request.withToken && status === 401);
      });
      await fc.assert(property, { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: 50_000 });
      assert.ok(sent === 0 || refused < sent, 'no signature was believed');
    });
  }
});

/** What a signature over the body covers; of what is no JSON, the body as it is. */
function signedContent(body: string): string {
  try {
    return contentText(JSON.parse(body));
  } catch {
    return body;
  }
}
