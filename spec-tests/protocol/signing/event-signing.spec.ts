import assert from 'node:assert/strict';
import { buildEvent, type EventPrototype } from '../../../src/protocol/events/build-event.ts';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import { redactEvent } from '../../../src/protocol/events/redact-event.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import { decodeBase64 } from '../../../src/protocol/signing/base64.ts';
import { contentHash, eventIdOf, hasValidContentHash } from '../../../src/protocol/signing/event-hash.ts';
import { requiredSigners } from '../../../src/protocol/signing/required-signers.ts';
import { signEvent } from '../../../src/protocol/signing/sign-event.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { type KeyLookup, verifyEvent } from '../../../src/protocol/signing/verify-event.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../../src/protocol/signing/verify-key.ts';
import fixture from '../../fixtures/signing.json' with { type: 'json' };

const key = signingKeyFromSeed(decodeBase64(fixture.seed) as Buffer, '1');
const publicKey = verifyKeyFromBase64(key.publicKey) as VerifyKey;
const signer = { serverName: 'domain', key };
const rulesOf = (version: string): RoomVersionRules => roomVersion(version) as RoomVersionRules;
const keysOf =
  (...servers: string[]): KeyLookup =>
  (server, keyId) =>
    servers.includes(server) && keyId === 'ed25519:1' ? { key: publicKey, validUntilTs: 2_000_000 } : undefined;

const prototype: EventPrototype = {
  type: 'm.room.message',
  sender: '@u:domain',
  room_id: '!r:domain',
  content: { body: 'hello' },
  depth: 3,
  prev_events: ['$prev'],
  auth_events: ['$auth'],
  origin_server_ts: 1_000_000,
};

describe('event signing', () => {
  for (const { input, signed } of fixture.events) {
    it(`gives the specification's hash and signature for a ${input.type}`, () => {
      const rules = rulesOf('1');
      const event = structuredClone(input) as unknown as Pdu;
      event.hashes = { sha256: contentHash(event, rules) };
      signEvent(event, rules, signer);
      assert.deepEqual(event, signed);
      assert.equal(hasValidContentHash(event, rules), true);
    });
  }
});

describe('event verification', () => {
  const rules = rulesOf('11');
  const built = (): Pdu => structuredClone(buildEvent(prototype, rules, signer).pdu);

  it('accepts an event and its redacted form, and tells that the latter lacks the content', () => {
    assert.deepEqual(verifyEvent(built(), rules, keysOf('domain')), { valid: true, contentHashMatches: true });
    const redacted = redactEvent(built(), rules.redaction);
    assert.deepEqual(verifyEvent(redacted, rules, keysOf('domain')), { valid: true, contentHashMatches: false });
    assert.equal(eventIdOf(redacted, rules), eventIdOf(built(), rules));
  });

  it('ignores unsigned and signatures by keys that nobody knows', () => {
    const event = built();
    event.unsigned = { age: 5 };
    const ofDomain = event.signatures['domain'] as JsonObject;
    ofDomain['ed25519:policy'] = 'x';
    ofDomain['rsa:1'] = 'y';
    assert.deepEqual(verifyEvent(event, rules, keysOf('domain')), { valid: true, contentHashMatches: true });
  });

  const refusals: [string, (event: Pdu) => void, object][] = [
    ['an essential key was changed', (e) => (e.depth = 4), { reason: 'bad-signature', server: 'domain' }],
    ['its server did not sign', (e) => (e.signatures = {}), { reason: 'not-signed', server: 'domain' }],
    [
      'the key is not known',
      (e) => (e.signatures = { domain: { 'ed25519:2': 'x' } }),
      { reason: 'unknown-key', server: 'domain' },
    ],
    [
      'the key was no longer valid',
      (e) => (e.origin_server_ts = 3_000_000),
      { reason: 'unknown-key', server: 'domain' },
    ],
    ['its sender has no server', (e) => (e.sender = '@u'), { reason: 'bad-identifier' }],
    ['its sender is of another server', (e) => (e.sender = '@u:evil'), { reason: 'not-signed', server: 'evil' }],
  ];
  for (const [name, change, problem] of refusals) {
    it(`refuses an event if ${name}`, () => {
      const event = built();
      change(event);
      assert.deepEqual(verifyEvent(event, rules, keysOf('domain')), { valid: false, ...problem });
    });
  }

  it('goes by old keys where the room version does not enforce their validity', () => {
    const old = rulesOf('4');
    const event = buildEvent({ ...prototype, origin_server_ts: 3_000_000 }, old, signer).pdu;
    assert.equal(verifyEvent(event, old, keysOf('domain')).valid, true);
  });

  it('wants a second signature where another server let the user in', () => {
    const join = buildEvent(
      {
        ...prototype,
        type: 'm.room.member',
        state_key: '@u:domain',
        content: { membership: 'join', join_authorised_via_users_server: '@admin:resident' },
      },
      rules,
      signer,
    ).pdu;
    assert.deepEqual(verifyEvent(join, rules, keysOf('domain', 'resident')), {
      valid: false,
      reason: 'not-signed',
      server: 'resident',
    });
    signEvent(join, rules, { serverName: 'resident', key });
    assert.deepEqual(verifyEvent(join, rules, keysOf('domain', 'resident')), { valid: true, contentHashMatches: true });
  });

  const signers: [string, string, Partial<Pdu>, string[] | undefined][] = [
    ['the sender’s server', '11', {}, ['domain']],
    ['the server in the event id too, in version 1', '1', { event_id: '$x:other' }, ['domain', 'other']],
    [
      'nobody for an invite that follows from one by mail',
      '11',
      { type: 'm.room.member', content: { membership: 'invite', third_party_invite: {} } },
      [],
    ],
    [
      'nobody else before restricted joins existed',
      '7',
      { type: 'm.room.member', content: { join_authorised_via_users_server: '@a:b' } },
      ['domain'],
    ],
    [
      'an unreadable server',
      '8',
      { type: 'm.room.member', content: { join_authorised_via_users_server: 'b' } },
      undefined,
    ],
  ];
  for (const [name, version, change, servers] of signers) {
    it(`requires the signature of ${name}`, () => {
      const event = Object.assign(built(), change) as Pdu;
      const required = requiredSigners(event, rulesOf(version));
      assert.deepEqual(required && [...required], servers);
    });
  }

  it('takes any JSON for an event without failing otherwise than by a verdict', () => {
    const odd: JsonObject[] = [
      {},
      { sender: 1, content: [], signatures: [] },
      { sender: '@u:domain', type: 'm.room.member', content: 'x', signatures: { domain: null }, hashes: 7 },
      { sender: '@u:constructor', type: '__proto__', content: {}, signatures: {} },
    ];
    for (const event of odd) assert.equal(verifyEvent(event as Pdu, rules, keysOf('domain')).valid, false);
  });
});
