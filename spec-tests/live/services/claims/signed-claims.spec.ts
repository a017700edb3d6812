import assert from 'node:assert/strict';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { NO_CLAIMS } from '../../../../src/live/rules/claims.ts';
import { SignedClaims } from '../../../../src/live/services/claims/signed-claims.ts';
import { JsonWebKeys } from '../../../../src/services/external-login/json-web-keys.ts';
import { TokenIssuer } from '../../../../src/services/external-login/token-issuer.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../../../support/test-outgoing.ts';

const ZED = '@zed:beamify.online';

describe('claims that people bring along', () => {
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let peer: Peer;
  let outgoing: TestOutgoing;
  let signed: SignedClaims;
  const refused: unknown[] = [];

  const seconds = () => Math.floor(outgoing.clock.now() / 1000);
  const token = (
    changes: { readonly [claim: string]: unknown } = {},
    algorithm = 'EdDSA',
    key: CryptoKey | Uint8Array = keys.privateKey,
  ) =>
    new SignJWT({
      ...{ iss: 'https://igcore.test', aud: 'igchat', sub: 'usr_42', mxid: ZED, ch: 'ch_1' },
      ...{ roles: ['VIP'], tier: 1, iat: seconds(), exp: seconds() + 900 },
      ...changes,
    })
      .setProtectedHeader({ alg: algorithm, kid: 'k1' })
      .sign(key);

  beforeEach(async () => {
    refused.length = 0;
    keys = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'EdDSA' };
    peer = await startPeer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    outgoing = testOutgoing({ allow: ['127.0.0.0/8'] });
    const { client, clock } = outgoing;
    const jwks = new JsonWebKeys(
      { send: (request) => client.send({ ...request, allowPlainHttp: true }) },
      clock,
      `http://127.0.0.1:${peer.port}/jwks`,
    );
    const settings = { algorithm: 'EdDSA', issuer: 'https://igcore.test', audience: 'igchat', clockSkew: 5000 };
    signed = new SignedClaims({
      ...{ clock, issuer: new TokenIssuer(settings, clock, jwks), max: 100, longestMs: 900_000 },
      meanings: new Map([['vip', { role: 'vip', tier: 0 }]]),
      onRefused: (error) => refused.push(error),
    });
  });
  afterEach(async () => {
    await outgoing.client.close();
    await peer.close();
  });

  it('hold for the user and channel they are for, until they end', async () => {
    await signed.present(await token(), ZED, 'ch_1');
    const { roles, tier } = await signed.claimsOf(ZED, 'ch_1');
    assert.deepEqual({ roles, tier }, { roles: ['vip'], tier: 1 });
    assert.equal(await signed.claimsOf(ZED, 'ch_2'), NO_CLAIMS);
    assert.equal(await signed.claimsOf('@other:beamify.online', 'ch_1'), NO_CLAIMS);
    outgoing.clock.advance(900_000);
    assert.equal(await signed.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
  });

  const WRONG: [string, () => Promise<string>][] = [
    ['are of another user', () => token({ mxid: '@other:beamify.online' })],
    ['are for another channel', () => token({ ch: 'ch_2' })],
    ['are for another server', () => token({ aud: 'another' })],
    ['come from somebody else', () => token({ iss: 'https://evil.test' })],
    ['have ended', () => token({ iat: seconds() - 900, exp: seconds() - 60 })],
    ['hold for too long', () => token({ exp: seconds() + 901 })],
    ['never end', () => token({ exp: undefined })],
    ['do not say since when', () => token({ iat: undefined })],
    ['are signed by another key', async () => token({}, 'EdDSA', (await generateKeyPair('EdDSA')).privateKey)],
    ['are signed by another algorithm', async () => token({}, 'ES256', (await generateKeyPair('ES256')).privateKey)],
    ['are signed with the public key as a shared secret', () => token({}, 'HS256', Buffer.alloc(32, 'public key'))],
    ['are not signed', async () => `${(await token()).split('.').slice(0, 2).join('.')}.`],
    ['are too long', () => token({ more: 'x'.repeat(8192) })],
    ['are none', async () => 'claims'],
  ];
  for (const [what, make] of WRONG) {
    it(`are refused that ${what}`, async () => {
      await assert.rejects(signed.present(await make(), ZED, 'ch_1'), { status: 403, errcode: 'M_FORBIDDEN' });
      assert.equal(await signed.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
      assert.equal(refused.length, 1);
    });
  }

  it('hold no longer once the platform says that they changed, and older ones are not taken again', async () => {
    const before = await token();
    await signed.present(before, ZED, 'ch_1');
    outgoing.clock.advance(2000);
    signed.changed(ZED, undefined);
    assert.equal(await signed.claimsOf(ZED, 'ch_1'), NO_CLAIMS);
    await assert.rejects(signed.present(before, ZED, 'ch_1'));
    outgoing.clock.advance(1000);
    await signed.present(await token({ tier: 2 }), ZED, 'ch_1');
    assert.equal((await signed.claimsOf(ZED, 'ch_1')).tier, 2);
  });
});
