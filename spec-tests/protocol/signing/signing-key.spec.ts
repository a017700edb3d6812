import assert from 'node:assert/strict';
import { decodeBase64 } from '../../../src/protocol/signing/base64.ts';
import { formatSigningKey, parseSigningKey, signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { verifyKeyFromBase64 } from '../../../src/protocol/signing/verify-key.ts';
import fixture from '../../fixtures/signing.json' with { type: 'json' };

const seed = decodeBase64(fixture.seed) as Buffer;

describe('signing key', () => {
  it('is written in one line and read back', () => {
    const line = formatSigningKey(seed, 'a_1');
    assert.match(line, /^ed25519 a_1 [A-Za-z0-9+/]{43}\n$/);
    const key = parseSigningKey(line);
    assert.equal(key?.keyId, 'ed25519:a_1');
    assert.equal(key?.publicKey, signingKeyFromSeed(seed, 'a_1').publicKey);
  });

  for (const [name, line] of [
    ['nothing', ''],
    ['another algorithm', `rsa 1 ${fixture.seed}`],
    ['a short seed', 'ed25519 1 Zm9v'],
    ['a bad version', `ed25519 a-1 ${fixture.seed}`],
    ['two keys', `ed25519 1 ${fixture.seed}\ned25519 2 ${fixture.seed}`],
    ['no base64', `ed25519 1 ${'*'.repeat(43)}`],
  ] as const) {
    it(`is not read from ${name}`, () => assert.equal(parseSigningKey(line), undefined));
  }

  it('signs what its public half verifies, and nothing else', () => {
    const key = signingKeyFromSeed(seed, '1');
    const publicKey = verifyKeyFromBase64(key.publicKey);
    const signature = key.sign('日本');
    assert.equal(publicKey?.verify('日本', signature), true);
    assert.equal(publicKey?.verify('日本', `${signature}==`), true);
    assert.equal(publicKey?.verify('日木', signature), false);
    for (const bad of ['', 'x', '*'.repeat(86), signature.slice(0, 84), 'A'.repeat(86)]) {
      assert.equal(publicKey?.verify('日本', bad), false, bad);
    }
  });

  it('does not show its seed when it is printed', () => {
    assert.ok(!JSON.stringify(signingKeyFromSeed(seed, '1')).includes(fixture.seed.slice(0, 10)));
  });

  it('has no public half of the wrong length', () => {
    assert.equal(verifyKeyFromBase64('Zm9v'), undefined);
    assert.equal(verifyKeyFromBase64('***'), undefined);
  });
});
