import assert from 'node:assert/strict';
import { readKeyDocument } from '../../src/federation/key-ring/key-document.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { signJson } from '../../src/protocol/signing/sign-json.ts';
import { freshKey } from '../support/scripted-server.ts';

const DAY_MS = 24 * 3_600_000;
const now = 1_700_000_000_000;
const server = 's.example' as ServerName;
const key = freshKey('a');
const other = freshKey('b');

const plain = (): JsonObject => ({
  server_name: server,
  verify_keys: { [key.keyId]: { key: key.publicKey } },
  old_verify_keys: { 'ed25519:old': { key: other.publicKey, expired_ts: now - 1 } },
  valid_until_ts: now + DAY_MS,
});
const read = (json: JsonObject, maxKeys = 10) => readKeyDocument(json, server, { now, maxKeys });
const changed = (change: (json: JsonObject) => void, signer = key): JsonObject => {
  const json = plain();
  change(json);
  return signJson(json, server, signer);
};

describe('readKeyDocument', () => {
  it('reads the keys of today, and those of the past until when they were used', () => {
    const document = read(changed(() => undefined));
    assert.deepEqual(
      document?.keys.map(({ keyId, publicKey, validUntilTs }) => [keyId, publicKey, validUntilTs]),
      [
        ['ed25519:a', key.publicKey, now + DAY_MS],
        ['ed25519:old', other.publicKey, now - 1],
      ],
    );
  });

  it('believes a key for a week at most', () => {
    const document = read(
      changed((json) => {
        json['valid_until_ts'] = now + 30 * DAY_MS;
      }),
    );
    assert.equal(document?.keys[0]?.validUntilTs, now + 7 * DAY_MS);
  });

  it('wants the keys of the past no more than those of today', () => {
    const withoutOld = changed((json) => {
      delete json['old_verify_keys'];
    });
    assert.equal(read(withoutOld)?.keys.length, 1);
  });

  it('leaves out what is no key of a server', () => {
    const document = read(
      changed((json) => {
        json['verify_keys'] = JSON.parse(
          `{"${key.keyId}":{"key":"${key.publicKey}"},"ed25519:no":{"key":"AAAA"},"ed25519:-":{"key":"${key.publicKey}"},
            "rsa:1":{"key":"${key.publicKey}"},"__proto__":{"key":"${key.publicKey}"},"ed25519:x":null}`,
        );
      }),
    );
    assert.deepEqual(
      document?.keys.map(({ keyId }) => keyId),
      ['ed25519:a', 'ed25519:old'],
    );
  });

  const refusals: readonly (readonly [string, JsonObject])[] = [
    ['another server name', changed((json) => Object.assign(json, { server_name: 'other.example' }))],
    ['no signature', plain()],
    ['a signature by a key that is not in it', changed(() => undefined, other)],
    [
      'a signature by an old key alone',
      changed(() => undefined, { ...other, keyId: 'ed25519:old' as typeof other.keyId }),
    ],
    ['a change after it was signed', { ...changed(() => undefined), valid_until_ts: now + 2 * DAY_MS }],
    ['no time', changed((json) => delete json['valid_until_ts'])],
    ['a time that is no number', changed((json) => Object.assign(json, { valid_until_ts: '1' }))],
    ['no keys', changed((json) => delete json['verify_keys'])],
    ['keys that are a list', changed((json) => Object.assign(json, { verify_keys: [] }))],
  ];
  for (const [what, json] of refusals) it(`refuses ${what}`, () => assert.equal(read(json), undefined));

  it('refuses what has no canonical form', () => {
    const json = changed(() => undefined);
    json['fraction'] = 0.5;
    assert.equal(read(json), undefined);
  });

  it('refuses one wrong signature among right ones', () => {
    const json = plain();
    json['verify_keys'] = { [key.keyId]: { key: key.publicKey }, [other.keyId]: { key: other.publicKey } };
    signJson(json, server, key);
    signJson(json, server, { ...freshKey('b') });
    assert.equal(read(json), undefined);
  });

  it('refuses more keys than are wanted', () => {
    const many = changed((json) => {
      json['old_verify_keys'] = Object.fromEntries(
        Array.from({ length: 10 }, (_, n) => [`ed25519:o${n}`, { key: other.publicKey, expired_ts: n }]),
      );
    });
    assert.equal(read(many, 10), undefined);
    assert.equal(read(many, 11)?.keys.length, 11);
  });
});
