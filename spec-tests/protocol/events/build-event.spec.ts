import assert from 'node:assert/strict';
import { canonicalJson } from '../../../src/protocol/canonical-json/canonical-json.ts';
import { CanonicalJsonError } from '../../../src/protocol/canonical-json/canonical-json-error.ts';
import { buildEvent, type EventPrototype } from '../../../src/protocol/events/build-event.ts';
import { referenceTo } from '../../../src/protocol/events/event-reference.ts';
import { redactEvent } from '../../../src/protocol/events/redact-event.ts';
import { isEventIdIn } from '../../../src/protocol/identifiers/event-id.ts';
import { roomVersion, supportedRoomVersions } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import { eventIdOf, hasValidContentHash, referenceHash } from '../../../src/protocol/signing/event-hash.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { verifyEvent } from '../../../src/protocol/signing/verify-event.ts';
import { type VerifyKey, verifyKeyFromBase64 } from '../../../src/protocol/signing/verify-key.ts';

const key = signingKeyFromSeed(Buffer.alloc(32, 7), 'a_1');
const publicKey = verifyKeyFromBase64(key.publicKey) as VerifyKey;
const signer = { serverName: 'a.example:8448', key };
const rulesOf = (version: string): RoomVersionRules => roomVersion(version) as RoomVersionRules;

const message: EventPrototype = {
  type: 'm.room.message',
  sender: '@alice:a.example:8448',
  room_id: '!room:a.example:8448',
  content: { msgtype: 'm.text', body: 'Grüße "日本" \u{1f600}\n', 'm.mentions': { user_ids: ['@bob:b'] } },
  depth: 12,
  prev_events: ['$one', '$two'],
  auth_events: ['$three'],
  origin_server_ts: 1_700_000_000_000,
};
const create: EventPrototype = {
  ...message,
  type: 'm.room.create',
  state_key: '',
  content: { room_version: '12', 'm.federate': true },
  prev_events: [],
  auth_events: [],
  depth: 1,
};
const prototypes: Record<string, EventPrototype> = {
  'a message': message,
  'a membership': {
    ...message,
    type: 'm.room.member',
    state_key: message.sender,
    content: { membership: 'join', displayname: 'Ä', avatar_url: 'mxc://a/b' },
  },
  'a create event': create,
  'a redaction': { ...message, type: 'm.room.redaction', content: { reason: 'spam' }, redacts: '$target' },
  'an event with odd keys': {
    ...message,
    type: 'constructor',
    state_key: '__proto__',
    content: JSON.parse('{"__proto__":{"a":1},"toString":"x"}'),
  },
};

describe('building an event', () => {
  for (const [version, rules] of supportedRoomVersions()) {
    for (const [name, prototype] of Object.entries(prototypes)) {
      it(`hashes, signs and names ${name} of version ${version} as a receiver computes it`, () => {
        const { eventId, pdu, json } = buildEvent(prototype, rules, signer);
        assert.equal(json, canonicalJson(pdu));
        assert.equal(eventId, eventIdOf(pdu, rules));
        assert.ok(isEventIdIn(rules, eventId));
        assert.equal(hasValidContentHash(pdu, rules), true);
        const keys = () => ({ key: publicKey, validUntilTs: Number.MAX_SAFE_INTEGER });
        assert.deepEqual(verifyEvent(JSON.parse(json), rules, keys), { valid: true, contentHashMatches: true });
      });
    }
  }

  it('gives the same event id whoever signs, and another for another content', () => {
    const rules = rulesOf('12');
    const { eventId } = buildEvent(message, rules, signer);
    assert.equal(buildEvent(message, rules, { serverName: 'b', key }).eventId, eventId);
    assert.notEqual(buildEvent({ ...message, content: {} }, rules, signer).eventId, eventId);
  });

  it('chooses an id of its own server in versions 1 and 2: another for another event', () => {
    const rules = rulesOf('1');
    const { eventId, pdu } = buildEvent(message, rules, signer);
    assert.match(eventId, /^\$[A-Za-z0-9_-]{24}:a\.example:8448$/);
    assert.equal(pdu.event_id, eventId);
    assert.equal(buildEvent(message, rules, signer).eventId, eventId);
    for (const changes of [
      { content: {} },
      { origin_server_ts: 1 },
      { prev_events: [] },
      { sender: '@bob:a.example' },
    ]) {
      assert.notEqual(buildEvent({ ...message, ...changes }, rules, signer).eventId, eventId);
    }
  });

  it('names other events by their ids, and with their reference hashes in versions 1 and 2', () => {
    const event = buildEvent(message, rulesOf('2'), signer);
    assert.deepEqual(referenceTo(event, rulesOf('2')), [
      event.eventId,
      { sha256: referenceHash(event.pdu, rulesOf('2')) },
    ]);
    const redacted = redactEvent(event.pdu, rulesOf('2').redaction);
    assert.deepEqual(
      referenceTo({ eventId: event.eventId, pdu: redacted }, rulesOf('2')),
      referenceTo(event, rulesOf('2')),
    );
    assert.equal(
      referenceTo(buildEvent(message, rulesOf('3'), signer), rulesOf('3')),
      buildEvent(message, rulesOf('3'), signer).eventId,
    );
  });

  it('makes the room id of the hash of the create event in version 12 only', () => {
    const { eventId, roomId, pdu } = buildEvent(create, rulesOf('12'), signer);
    assert.equal(roomId, `!${eventId.slice(1)}`);
    assert.equal(Object.hasOwn(pdu, 'room_id'), false);
    assert.equal(buildEvent(create, rulesOf('11'), signer).roomId, create.room_id);
    assert.equal(buildEvent(message, rulesOf('12'), signer).roomId, message.room_id);
  });

  it('puts what a redaction redacts where the version wants it', () => {
    const redaction = prototypes['a redaction'] as EventPrototype;
    const { pdu: v10 } = buildEvent(redaction, rulesOf('10'), signer);
    assert.equal(v10.redacts, '$target');
    assert.deepEqual(v10.content, { reason: 'spam' });
    const { pdu: v11 } = buildEvent(redaction, rulesOf('11'), signer);
    assert.equal(Object.hasOwn(v11, 'redacts'), false);
    assert.deepEqual(v11.content, { reason: 'spam', redacts: '$target' });
    assert.deepEqual(redaction.content, { reason: 'spam' });
  });

  it('leaves out a state key that is not given and keeps an empty one', () => {
    assert.equal(Object.hasOwn(buildEvent(message, rulesOf('11'), signer).pdu, 'state_key'), false);
    assert.equal(buildEvent({ ...message, state_key: '' }, rulesOf('11'), signer).pdu.state_key, '');
  });

  it('refuses content without canonical form', () => {
    assert.throws(
      () => buildEvent({ ...message, content: { info: { w: 0.5 } } }, rulesOf('11'), signer),
      (error: unknown) => {
        assert.ok(error instanceof CanonicalJsonError);
        assert.equal(error.path, 'info.w');
        return true;
      },
    );
    assert.ok(buildEvent({ ...message, content: { info: { w: 0.5 } } }, rulesOf('5'), signer).eventId);
  });

  it('refuses an event without a room id where one is needed', () => {
    const { room_id: _, ...homeless } = message;
    assert.throws(() => buildEvent(homeless, rulesOf('12'), signer), TypeError);
  });
});
