import assert from 'node:assert/strict';
import { canonicalJson } from '../../../src/protocol/canonical-json/canonical-json.ts';
import { checkEventSize, checkReceivedSize, tooLongField } from '../../../src/protocol/events/event-size.ts';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';

const eventWith = (change: JsonObject): Pdu =>
  Object.assign({ type: 'm.x', room_id: '!r:a', sender: '@u:a', content: {} }, change) as JsonObject as Pdu;
const check = (change: JsonObject, eventId = '$e'): object => {
  const pdu = eventWith(change);
  return checkEventSize(pdu, eventId, canonicalJson(pdu));
};

describe('event size', () => {
  it('may be 65,536 bytes as canonical JSON, counted in UTF-8', () => {
    const room = 65_536 - canonicalJson(eventWith({ content: { body: '' } })).length;
    assert.deepEqual(check({ content: { body: 'a'.repeat(room) } }), { ok: true });
    assert.deepEqual(check({ content: { body: `${'a'.repeat(room - 1)}é` } }), {
      ok: false,
      field: 'event',
      bytes: 65_537,
      limit: 65_536,
    });
  });

  for (const field of ['type', 'state_key', 'sender', 'room_id']) {
    it(`lets ${field} be 255 bytes long`, () => {
      assert.deepEqual(check({ [field]: 'é'.repeat(127) }), { ok: true });
      assert.deepEqual(check({ [field]: 'é'.repeat(128) }), { ok: false, field, bytes: 256, limit: 255 });
    });
  }

  it('lets the event id be 255 bytes long', () => {
    assert.deepEqual(check({}, `$${'x'.repeat(254)}`), { ok: true });
    assert.deepEqual(check({}, `$${'x'.repeat(255)}`), { ok: false, field: 'event_id', bytes: 256, limit: 255 });
  });

  it('is counted in code points in what others made for rooms of versions up to 10', () => {
    const received = (version: string, change: JsonObject) => {
      const pdu = eventWith(change);
      return checkReceivedSize(pdu, '$e', canonicalJson(pdu), roomVersion(version)!).ok;
    };
    const sparks = '\u{1f4a5}'.repeat(70);
    assert.equal(received('10', { state_key: sparks }), true);
    assert.equal(received('10', { state_key: '\u{1f4a5}'.repeat(256) }), false);
    assert.equal(received('11', { state_key: sparks }), false);
    assert.equal(tooLongField(eventWith({ state_key: sparks })), 'state_key');
    assert.equal(tooLongField(eventWith({ state_key: 'x'.repeat(255) })), undefined);
  });
});
