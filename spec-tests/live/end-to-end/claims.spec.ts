import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { makeCa, type TestCa } from '../../support/certificates.ts';
import { type Peer, startPeer } from '../../support/peer.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('what another application says of chatters', function () {
  this.timeout(20_000);
  let peer: Peer;
  let live: LiveHomeserver;
  let zed: TestUser;
  let claims: JsonObject;
  let jwks: JsonObject;
  let ca: TestCa;

  const start = async (settings: (address: string) => JsonObject) => {
    live = await startLiveHomeserver({
      outgoing: { allow: ['127.0.0.1'], ca_files: [ca.file] },
      live: { claims_webhook_token: 'the token of the webhook', ...settings(`https://localhost:${peer.port}`) },
    });
    zed = await live.server.register('zed');
    assert.equal((await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { subscribers_only: 1 } })).status, 200);
  };
  const lookedUp = (address: string) => ({ claims: 'lookup', claims_lookup_url: `${address}/claims/{user}/{channel}` });
  const tell = (token: string) =>
    live.server.ask('POST', `${LIVE}/entitlements/changed`, {
      token,
      body: { user_id: zed.userId },
    });

  before(function () {
    ca = makeCa(this);
  });
  beforeEach(async () => {
    claims = {};
    jwks = { keys: [] };
    peer = await startPeer(
      (request, response) => response.end(JSON.stringify(request.url === '/jwks' ? jwks : claims)),
      { certificate: ca.issue('localhost') },
    );
  });
  afterEach(async () => {
    await live?.stop();
    await peer?.close();
  });
  after(() => ca?.remove());

  it('decides who may chat and what stands before their name, and nothing that they say themselves does', async () => {
    claims = { roles: ['VIP'], tier: 1, sub_months: 6 };
    await start(lookedUp);
    const [viewer, anonymous] = [await live.watch(zed), await live.watch()];
    const { you } = await viewer.frame('joined');
    const badges = [
      ['vip', '1'],
      ['sub', '6'],
    ];
    assert.deepEqual(you, { role: 'vip', badges, can: true });
    assert.equal((await viewer.say('hello'))['op'], 'ok');
    assert.deepEqual((await anonymous.entry('m'))['b'], badges);
    const forged = { msgtype: 'm.text', body: 'me too', 'online.beamify.chat': { badges: [['streamer', '1']] } };
    live.server.clock.advance(2000);
    const path = `/v3/rooms/${encodeURIComponent(live.roomId)}/send/m.room.message/x`;
    assert.equal((await zed.ask('PUT', path, forged)).status, 200);
    await anonymous.until((seen) => seen.entries('m').length === 2);
    assert.deepEqual(anonymous.entries('m')[1]!['b'], badges);
  });

  it('is asked again as soon as it says that something has changed', async () => {
    claims = { tier: 1 };
    await start(lookedUp);
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.can, true);
    claims = {};
    live.server.clock.advance(1000);
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.can, true);
    assert.equal((await tell('a guess')).status, 403);
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.can, true);
    assert.equal((await tell('the token of the webhook')).status, 200);
    const { can, why } = (await zed.ask('GET', `${KAI}/me`)).body;
    assert.deepEqual([can, why], [false, 'subscribers_only']);
  });

  it('may be brought along, signed', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' } as JsonObject] };
    await start((address) => ({ claims: 'signed', claims_jwks_url: `${address}/jwks`, claims_issuer: 'igcore' }));
    const now = Math.floor(live.server.clock.now() / 1000);
    const { channel: ch } = (await live.server.ask('GET', KAI)).body;
    const body = { iss: 'igcore', aud: 'igchat', sub: 'u1', mxid: zed.userId, ch, tier: 2 };
    const token = await new SignJWT({ ...body, iat: now, exp: now + 600 })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .sign(privateKey);
    assert.equal((await zed.ask('GET', `${KAI}/me`)).body.can, false);
    const shown = await zed.ask('PUT', `${KAI}/claims`, { token });
    assert.equal(shown.status, 200, JSON.stringify(shown.body));
    assert.deepEqual([shown.body.can, shown.body.badges], [true, [['sub', '1']]]);
    assert.equal((await live.kai.ask('PUT', `${KAI}/claims`, { token })).status, 403);
    assert.equal((await zed.ask('PUT', `${KAI}/claims`, { token: 'x' })).status, 403);
  });

  it('may be the roles that people had when they logged in from there', async () => {
    const secret = 'a secret that the application and this server share';
    const jwt = [{ id: 'app', secret, roles_claim: 'roles' }];
    live = await startLiveHomeserver({ login: { jwt }, live: { claims: 'login' } });
    const { kai, server } = live;
    await kai.ask('PATCH', `${KAI}/settings`, { settings: { subscribers_only: 1 } });
    const login = async (roles: string[]) => {
      const token = await new SignJWT({ sub: 'ann', roles })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret));
      const { body } = await server.ask('POST', '/v3/login', { body: { type: 'org.matrix.login.jwt', token } });
      return async () => {
        const { can, role, badges } = (await server.ask('GET', `${KAI}/me`, { token: body.access_token })).body;
        return { can, role, badges };
      };
    };
    const viewer = await login(['Someone']);
    assert.deepEqual(await viewer(), { can: false, role: 'viewer', badges: [] });
    const vip = await login(['Subscriber', 'vip']);
    const badges = [
      ['vip', '1'],
      ['sub', '1'],
    ];
    assert.deepEqual(await vip(), { can: true, role: 'vip', badges });
    await server.restart();
    assert.deepEqual(await vip(), { can: true, role: 'vip', badges });
    const lost = await login([]);
    assert.equal((await lost()).can, false);
  });
});
