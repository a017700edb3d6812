import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { decodeBase64 } from '../../../src/protocol/signing/base64.ts';
import { signJson, verifyJson } from '../../../src/protocol/signing/sign-json.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../../src/protocol/signing/verify-key.ts';
import fixture from '../../fixtures/signing.json' with { type: 'json' };

const key = signingKeyFromSeed(decodeBase64(fixture.seed) as Buffer, '1');
const publicKey = verifyKeyFromBase64(key.publicKey) as VerifyKey;
const { serverName, keyId } = fixture;

describe('signed JSON', () => {
  for (const { input, signed } of fixture.json) {
    it(`bears the specification's signature for ${JSON.stringify(input)}`, () => {
      const object = signJson(structuredClone(input) as JsonObject, serverName, key);
      assert.deepEqual(object, signed);
      assert.equal(verifyJson(object, serverName, keyId, publicKey), true);
    });
  }

  it('keeps the signatures of others and leaves unsigned out', () => {
    const object: JsonObject = { a: 1, unsigned: { age: 1 }, signatures: { other: { 'ed25519:x': 'y' } } };
    signJson(object, serverName, key);
    assert.deepEqual(Object.keys(object['signatures'] as JsonObject), ['other', 'domain']);
    object['unsigned'] = { age: 2 };
    assert.equal(verifyJson(object, serverName, keyId, publicKey), true);
  });

  const broken: [string, (object: JsonObject) => void][] = [
    ['a changed value', (object) => (object['one'] = 2)],
    ['an added key', (object) => (object['three'] = 3)],
    ['an added __proto__', (object) => Object.defineProperty(object, '__proto__', { value: {}, enumerable: true })],
    ['no signatures', (object) => delete object['signatures']],
    ['signatures of the wrong type', (object) => (object['signatures'] = { domain: { 'ed25519:1': 1 } })],
    ['signatures that are a list', (object) => (object['signatures'] = ['domain'])],
    [
      'another server’s signature',
      (object) => (object['signatures'] = { other: (object['signatures'] as JsonObject)['domain'] }),
    ],
  ];
  for (const [name, change] of broken) {
    it(`does not verify with ${name}`, () => {
      const object = structuredClone(fixture.json[1]?.signed) as JsonObject;
      change(object);
      assert.equal(verifyJson(object, serverName, keyId, publicKey), false);
    });
  }

  it('has no signature by a server named like something that every object has', () => {
    assert.equal(verifyJson({ signatures: {} }, 'constructor', keyId, publicKey), false);
    const object = signJson({ a: 1 }, 'constructor', key);
    assert.equal(verifyJson(object, 'constructor', keyId, publicKey), true);
  });
});
