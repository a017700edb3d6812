import assert from 'node:assert/strict';
import { clientEvent, clientEventWithoutRoomId } from '../../../src/protocol/events/client-event.ts';
import {
  guestsCanJoin,
  historyVisibilityIn,
  isFederated,
  joinRuleIn,
  membershipIn,
  redactsOf,
  roomTypeIn,
  roomVersionIn,
} from '../../../src/protocol/events/content-readers.ts';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import { inReplyToIn, relationIn, threadRootIn } from '../../../src/protocol/events/relations.ts';
import { strippedState } from '../../../src/protocol/events/stripped-state.ts';
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';

const rulesOf = (version: string): RoomVersionRules => roomVersion(version) as RoomVersionRules;

type Reader = (content: JsonObject | undefined) => unknown;
const readers: [string, Reader, string, JsonValue, unknown, unknown][] = [
  // name, reader, key, value, what it reads, what it reads where there is nothing of the right type
  ['membership', membershipIn, 'membership', 'knock', 'knock', undefined],
  ['join rule', joinRuleIn, 'join_rule', 'public', 'public', 'invite'],
  ['history visibility', historyVisibilityIn, 'history_visibility', 'joined', 'joined', 'shared'],
  ['guest access', guestsCanJoin, 'guest_access', 'can_join', true, false],
  ['room version', roomVersionIn, 'room_version', '11', '11', '1'],
  ['room type', roomTypeIn, 'type', 'm.space', 'm.space', undefined],
  ['federation', isFederated, 'm.federate', false, false, true],
];

describe('content readers', () => {
  for (const [name, read, key, value, expected, fallback] of readers) {
    it(`read the ${name}, and what it is where content holds anything else`, () => {
      assert.equal(read({ [key]: value }), expected);
      for (const other of [undefined, {}, { [key]: 7 }, { [key]: null }, { [key]: [value] }] as JsonObject[]) {
        assert.equal(read(other), fallback);
      }
      assert.equal(read([] as unknown as JsonObject), fallback);
      assert.equal(read('x' as unknown as JsonObject), fallback);
    });
  }

  it('know no other memberships and visibilities than the specification', () => {
    assert.equal(membershipIn({ membership: 'constructor' }), undefined);
    assert.equal(historyVisibilityIn({ history_visibility: '__proto__' }), 'shared');
  });

  it('are not deceived by a __proto__ in content', () => {
    assert.equal(membershipIn(JSON.parse('{"__proto__":{"membership":"join"}}')), undefined);
  });

  it('find what a redaction redacts where the room version puts it', () => {
    const pdu = { type: 'm.room.redaction', redacts: '$top', content: { redacts: '$inside' } } as JsonObject as Pdu;
    assert.equal(redactsOf(pdu, rulesOf('10')), '$top');
    assert.equal(redactsOf(pdu, rulesOf('11')), '$inside');
  });
});

describe('relations', () => {
  it('are read if kind and event are there', () => {
    const relation = { rel_type: 'm.annotation', event_id: '$e', key: '👍' };
    assert.deepEqual(relationIn({ 'm.relates_to': relation }), { relType: 'm.annotation', eventId: '$e', key: '👍' });
    assert.deepEqual(relationIn({ 'm.relates_to': { rel_type: 'm.replace', event_id: '$e' } }), {
      relType: 'm.replace',
      eventId: '$e',
    });
    for (const bad of [
      null,
      'x',
      [],
      {},
      { rel_type: 'm.replace' },
      { event_id: '$e' },
      { rel_type: 1, event_id: '$e' },
    ]) {
      assert.equal(relationIn({ 'm.relates_to': bad as JsonValue }), undefined);
    }
  });

  it('tell the root of the thread and what is replied to', () => {
    const inThread = {
      'm.relates_to': { rel_type: 'm.thread', event_id: '$root', 'm.in_reply_to': { event_id: '$other' } },
    };
    assert.equal(threadRootIn(inThread), '$root');
    assert.equal(inReplyToIn(inThread), '$other');
    const reply = { 'm.relates_to': { 'm.in_reply_to': { event_id: '$other' } } };
    assert.equal(threadRootIn(reply), undefined);
    assert.equal(inReplyToIn(reply), '$other');
    assert.equal(inReplyToIn({ 'm.relates_to': { 'm.in_reply_to': '$other' } }), undefined);
    assert.equal(inReplyToIn(undefined), undefined);
  });
});

describe('stripped state', () => {
  it('has type, state key, sender and content only', () => {
    const event = {
      type: 'm.room.name',
      state_key: '',
      sender: '@a:b',
      content: { name: 'x' },
      room_id: '!r:b',
      depth: 1,
    };
    assert.deepEqual(strippedState(event), {
      type: 'm.room.name',
      state_key: '',
      sender: '@a:b',
      content: { name: 'x' },
    });
  });

  it('is not made of what is no state event', () => {
    for (const bad of [
      {},
      { type: 'm.x', sender: '@a:b', content: {} },
      { type: 'm.x', state_key: '', sender: '@a:b', content: [] },
    ]) {
      assert.equal(strippedState(bad as JsonObject), undefined);
    }
  });
});

describe('client event', () => {
  const pdu = {
    auth_events: [],
    content: { body: 'x' },
    depth: 1,
    hashes: { sha256: 'x' },
    origin_server_ts: 5,
    prev_events: [],
    room_id: '!r:b',
    sender: '@a:b',
    signatures: {},
    type: 'm.room.message',
    unsigned: { age_ts: 1 },
  } as Pdu;
  const redaction = (change: JsonObject): Pdu =>
    ({
      type: 'm.room.redaction',
      sender: '@a:b',
      origin_server_ts: 5,
      room_id: '!r:b',
      ...change,
    }) as JsonObject as Pdu;

  it('has what clients need and nothing of federation', () => {
    const base = {
      content: { body: 'x' },
      event_id: '$e',
      origin_server_ts: 5,
      sender: '@a:b',
      type: 'm.room.message',
    };
    assert.deepEqual(clientEventWithoutRoomId({ eventId: '$e', pdu }, rulesOf('12')), base);
    assert.deepEqual(clientEvent({ eventId: '$e', pdu }, rulesOf('12')), { ...base, room_id: '!r:b' });
  });

  it('keeps an empty state key', () => {
    assert.equal(clientEvent({ eventId: '$e', pdu: { ...pdu, state_key: '' } }, rulesOf('12')).state_key, '');
  });

  it('names the room of a create event that is its hash', () => {
    const { room_id: _, ...create } = pdu;
    assert.equal(clientEvent({ eventId: '$abc', pdu: create as Pdu }, rulesOf('12')).room_id, '!abc');
  });

  it('names the redacted event both ways in every room version, and leaves the PDU as it was', () => {
    const old = redaction({ redacts: '$x', content: { reason: 'spam' } });
    const shownOld = clientEvent({ eventId: '$e', pdu: old }, rulesOf('10'));
    assert.deepEqual([shownOld.redacts, shownOld.content], ['$x', { reason: 'spam', redacts: '$x' }]);
    assert.deepEqual(old.content, { reason: 'spam' });
    const shownNew = clientEvent({ eventId: '$e', pdu: redaction({ content: { redacts: '$x' } }) }, rulesOf('11'));
    assert.deepEqual([shownNew.redacts, shownNew.content], ['$x', { redacts: '$x' }]);
  });
});
