import assert from 'node:assert/strict';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import { redactEvent } from '../../../src/protocol/events/redact-event.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { roomVersion, supportedRoomVersions } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import fixture from '../../fixtures/redactions.json' with { type: 'json' };

const essential: JsonObject = {
  event_id: '$e',
  room_id: '!r:a',
  sender: '@u:a',
  state_key: '',
  hashes: { sha256: 'x' },
  signatures: { a: { 'ed25519:1': 'y' } },
  depth: 2,
  prev_events: ['$p'],
  auth_events: ['$q'],
  origin_server_ts: 5,
};
const old: JsonObject = { origin: 'a', membership: 'join', prev_state: [] };
const dropped: JsonObject = { unsigned: { age: 1 }, redacts: '$z', age_ts: 1, 'org.example': true, toString: 1 };

const eventOf = (type: string, content: JsonObject): Pdu =>
  ({ type, content, ...essential, ...old, ...dropped }) as JsonObject as Pdu;

describe('redaction', () => {
  for (const { name, type, content, kept } of fixture) {
    for (const [version, rules] of supportedRoomVersions()) {
      it(`keeps of ${name} what version ${version} says`, () => {
        let expected: unknown;
        for (const [since, value] of Object.entries(kept)) if (Number(since) <= Number(version)) expected = value;
        assert.deepEqual(redactEvent(eventOf(type, content), rules.redaction).content, expected);
      });
    }
  }

  it('keeps the essential top-level keys, and some more until version 10', () => {
    const event = eventOf('m.x', { a: 1 });
    const { redaction: v10 } = roomVersion('10') as RoomVersionRules;
    const { redaction: v11 } = roomVersion('11') as RoomVersionRules;
    assert.deepEqual(redactEvent(event, v10), { type: 'm.x', content: {}, ...essential, ...old });
    assert.deepEqual(redactEvent(event, v11), { type: 'm.x', content: {}, ...essential });
  });

  it('leaves the event itself as it was', () => {
    const event = eventOf('m.room.member', {
      membership: 'join',
      displayname: 'A',
      third_party_invite: { signed: {}, x: 1 },
    });
    const before = structuredClone(event);
    redactEvent(event, (roomVersion('12') as RoomVersionRules).redaction);
    assert.deepEqual(event, before);
  });

  it('makes an object of a content that is none', () => {
    const event = { type: 'm.room.member', content: ['membership'] } as JsonObject as Pdu;
    assert.deepEqual(redactEvent(event, (roomVersion('12') as RoomVersionRules).redaction).content, {});
  });
});
