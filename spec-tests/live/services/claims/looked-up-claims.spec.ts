import assert from 'node:assert/strict';
import { NO_CLAIMS } from '../../../../src/live/rules/claims.ts';
import { LookedUpClaims } from '../../../../src/live/services/claims/looked-up-claims.ts';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../../../support/test-outgoing.ts';

const ZED = '@zed:beamify.online';
const MINUTE = 60_000;

describe('claims that the platform is asked for', () => {
  let peer: Peer;
  let outgoing: TestOutgoing;
  let claims: LookedUpClaims;
  let answer: JsonObject | 'refuse' | 'unknown' | 'garbage' | 'silence';
  const faults: unknown[] = [];

  beforeEach(async () => {
    faults.length = 0;
    answer = { roles: ['Subscriber'], tier: 1, sub_months: 3 };
    peer = await startPeer((_request, response) => {
      if (answer === 'silence') return;
      const status = answer === 'refuse' ? 500 : answer === 'unknown' ? 404 : 200;
      response.writeHead(status).end(answer === 'garbage' ? '[]' : JSON.stringify(answer));
    });
    outgoing = testOutgoing({ allow: ['127.0.0.0/8'] });
    const { client, clock } = outgoing;
    claims = new LookedUpClaims({
      ...{ clock, client, token: 'secret', timeoutMs: 2000, max: 100 },
      ...{ refreshMs: 5 * MINUTE, holdMs: 15 * MINUTE, pauseMs: 5000 },
      url: `http://127.0.0.1:${peer.port}/users/{user}/in/{channel}?name={localpart}`,
      meanings: new Map([['subscriber', { role: 'subscriber', tier: 1 }]]),
      onFault: (error) => faults.push(error),
    });
  });
  afterEach(async () => {
    await outgoing.client.close();
    await peer.close();
  });

  it('are asked for with a token, once for all who want to know at the same time', async () => {
    const all = await Promise.all([claims.claimsOf(ZED, 'ch/1'), claims.claimsOf(ZED, 'ch/1')]);
    assert.deepEqual(
      all.map(({ tier }) => tier),
      [1, 1],
    );
    assert.equal(peer.requests.length, 1);
    assert.equal(peer.requests[0]!.target, '/users/%40zed%3Abeamify.online/in/ch%2F1?name=zed');
    assert.equal(peer.requests[0]!.headers.authorization, 'Bearer secret');
  });

  it('are remembered, and asked for again in good time', async () => {
    await claims.claimsOf(ZED, 'ch_1');
    outgoing.clock.advance(2 * MINUTE);
    await claims.claimsOf(ZED, 'ch_1');
    assert.equal(peer.requests.length, 1);
    answer = { tier: 2 };
    outgoing.clock.advance(3 * MINUTE);
    assert.equal((await claims.claimsOf(ZED, 'ch_1')).tier, 2);
    assert.equal(peer.requests.length, 2);
  });

  it('change at once where the platform says so', async () => {
    await claims.claimsOf(ZED, 'ch_1');
    answer = {};
    for (const channel of ['ch_1', undefined]) {
      outgoing.clock.advance(1000);
      claims.changed(ZED, channel);
      assert.deepEqual(await claims.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
    }
  });

  for (const failure of ['refuse', 'garbage'] as const) {
    it(`hold while the platform is away (${failure}), and then show who somebody is but open nothing`, async () => {
      await claims.claimsOf(ZED, 'ch_1');
      answer = failure;
      outgoing.clock.advance(14 * MINUTE);
      assert.equal((await claims.claimsOf(ZED, 'ch_1')).tier, 1);
      outgoing.clock.advance(MINUTE);
      const left = await claims.claimsOf(ZED, 'ch_1');
      assert.equal(left.tier, 0);
      assert.deepEqual(left.badges, [['sub', '3']]);
      assert.ok(faults.length >= 1);
    });
  }

  it('end when the platform says so', async () => {
    answer = { tier: 1, exp: outgoing.clock.now() / 1000 + 6 * 60 };
    await claims.claimsOf(ZED, 'ch_1');
    answer = 'refuse';
    outgoing.clock.advance(6 * MINUTE);
    assert.equal((await claims.claimsOf(ZED, 'ch_1')).tier, 0);
  });

  it('are none for somebody whom the platform does not know', async () => {
    answer = 'unknown';
    assert.deepEqual(await claims.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
    assert.deepEqual(faults, []);
  });

  it('are none where the platform does not answer in time, and nobody waits for it again for a while', async () => {
    answer = 'silence';
    const waiting = claims.claimsOf(ZED, 'ch_1');
    while (peer.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    outgoing.clock.advance(2000);
    assert.equal(await waiting, NO_CLAIMS);
    assert.equal(await claims.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
    assert.equal(peer.requests.length, 1);
    answer = { tier: 3 };
    outgoing.clock.advance(5000);
    assert.equal((await claims.claimsOf(ZED, 'ch_1')).tier, 3);
  });
});
