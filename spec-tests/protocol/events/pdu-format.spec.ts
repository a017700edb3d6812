import assert from 'node:assert/strict';
import { pduProblem } from '../../../src/protocol/events/pdu-format.ts';
import { readPdu } from '../../../src/protocol/events/read-pdu.ts';
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts';
import { ROOM_VERSIONS, roomVersion } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';

const since = (version: number): readonly string[] => ROOM_VERSIONS.slice(version - 1);
const until = (version: number): readonly string[] => ROOM_VERSIONS.slice(0, version);

/** The n-th event, as events of the version name it. */
function reference(rules: RoomVersionRules, n = 0): JsonValue {
  const letter = String.fromCharCode(97 + n);
  return rules.eventIdFormat === 'server-chosen' ? [`$${letter}:a.test`, { sha256: 'x' }] : `$${letter.repeat(43)}`;
}

function pdu(rules: RoomVersionRules, changes: JsonObject = {}): JsonObject {
  const chosen: JsonObject = rules.eventIdFormat === 'server-chosen' ? { event_id: '$e:a.test' } : {};
  return {
    ...chosen,
    type: 'm.room.message',
    sender: '@u:a.test',
    room_id: rules.roomIdIsCreateHash ? `!${'r'.repeat(43)}` : '!r:a.test',
    content: {},
    depth: 1,
    origin_server_ts: 1,
    hashes: { sha256: 'x' },
    signatures: {},
    prev_events: [reference(rules)],
    auth_events: [reference(rules)],
    ...changes,
  };
}

type Change = JsonObject | ((rules: RoomVersionRules) => JsonObject);

const many = (count: number) => (rules: RoomVersionRules) =>
  Array.from({ length: count }, (_, i) => reference(rules, i));

/** What the event is like, the room versions, whether it is one, and what is changed of a proper event. */
const CASES: [string, readonly string[], boolean, Change][] = [
  ['an ordinary event', ROOM_VERSIONS, true, {}],
  ['with keys that nobody knows', ROOM_VERSIONS, true, { 'org.example': { a: null }, constructor: 1 }],
  ['without type', ROOM_VERSIONS, false, { type: undefined }],
  ['with a NUL in its type', ROOM_VERSIONS, false, { type: 'm.\0' }],
  ['with a NUL in its state key', ROOM_VERSIONS, false, { state_key: '\0' }],
  ['whose sender is nobody', ROOM_VERSIONS, false, { sender: 'u' }],
  ['whose state key is a number', ROOM_VERSIONS, false, { state_key: 1 }],
  ['whose content is a list', ROOM_VERSIONS, false, { content: [] }],
  ['without room', ROOM_VERSIONS, false, { room_id: undefined }],
  ['of a room without sigil', ROOM_VERSIONS, false, { room_id: 'r:a.test' }],
  ['a create event with room id', since(12), false, { type: 'm.room.create', prev_events: [] }],
  ['a create event without', since(12), true, { type: 'm.room.create', prev_events: [], room_id: undefined }],
  ['a create event with room id, as it was', until(11), true, { type: 'm.room.create', prev_events: [] }],
  ['that follows no event', ROOM_VERSIONS, false, { prev_events: [] }],
  ['that follows 20 events', ROOM_VERSIONS, true, (rules) => ({ prev_events: many(20)(rules) })],
  ['that follows 21 events', ROOM_VERSIONS, false, (rules) => ({ prev_events: many(21)(rules) })],
  ['that 10 events allow', ROOM_VERSIONS, true, (rules) => ({ auth_events: many(10)(rules) })],
  ['that 11 events allow', ROOM_VERSIONS, false, (rules) => ({ auth_events: many(11)(rules) })],
  ['that follows an object', ROOM_VERSIONS, false, { prev_events: {} }],
  ['that follows a number', ROOM_VERSIONS, false, { prev_events: [1] }],
  ['of depth 0', ROOM_VERSIONS, true, { depth: 0 }],
  ['of the greatest depth', ROOM_VERSIONS, true, { depth: Number.MAX_SAFE_INTEGER }],
  ['of a greater depth', since(6), false, { depth: Number.MAX_SAFE_INTEGER + 1 }],
  ['of negative depth', ROOM_VERSIONS, false, { depth: -1 }],
  ['of a depth between two', ROOM_VERSIONS, false, { depth: 1.5 }],
  ['of a depth in letters', ROOM_VERSIONS, false, { depth: '1' }],
  ['of no time', ROOM_VERSIONS, false, { origin_server_ts: undefined }],
  ['from before 1970', ROOM_VERSIONS, false, { origin_server_ts: -1 }],
  ['without hash', ROOM_VERSIONS, false, { hashes: {} }],
  ['without signatures', ROOM_VERSIONS, false, { signatures: [] }],
  ['without the id that its server chose', until(2), false, { event_id: undefined }],
  ['with an id that is a hash', until(2), false, { event_id: `$${'e'.repeat(43)}` }],
  ['that names others by their ids alone', until(2), false, { prev_events: ['$p:a.test'] }],
  ['that names others with what is no hash', until(2), false, { auth_events: [['$p:a.test', 'x']] }],
  ['that names others with more than their hash', until(2), false, { auth_events: [['$p:a.test', {}, {}]] }],
  ['that names others in pairs', since(3), false, { prev_events: [['$p:a.test', { sha256: 'x' }]] }],
  ['that names others by standard base64', ['3'], true, { prev_events: [`$${'+/'.repeat(21)}a`] }],
  ['that names others by standard base64', since(4), false, { prev_events: [`$${'+/'.repeat(21)}a`] }],
  ['that names others by URL-safe base64', since(4), true, { prev_events: [`$${'-_'.repeat(21)}a`] }],
  ['that names others by URL-safe base64', ['3'], false, { prev_events: [`$${'-_'.repeat(21)}a`] }],
];

describe('the form of events', () => {
  for (const [title, versions, isRight, change] of CASES) {
    it(`${isRight ? 'is right for' : 'is wrong for'} one ${title} (version ${versions[0]} to ${versions.at(-1)})`, () => {
      for (const version of versions) {
        const rules = roomVersion(version)!;
        const event = pdu(rules, typeof change === 'function' ? change(rules) : change);
        for (const key of Object.keys(event)) if (event[key] === undefined) delete event[key];
        const problem = pduProblem(event, rules);
        assert.equal(problem === undefined, isRight, `version ${version}: ${problem}`);
      }
    });
  }
});

describe('reading an event', () => {
  for (const version of ROOM_VERSIONS) {
    const rules = roomVersion(version)!;

    it(`of version ${version} leaves out what others say in unsigned, and nothing else`, () => {
      const event = pdu(rules, { unsigned: { age: 1 }, 'org.example': 1 });
      const { unsigned: _, ...kept } = event;
      const read = readPdu(event, rules);
      assert.ok(typeof read !== 'string');
      assert.deepEqual(read.pdu, kept);
      assert.equal(read.roomId, event['room_id']);
      const again = readPdu(JSON.parse(read.json), rules);
      assert.deepEqual(again, read);
      if (rules.eventIdFormat === 'server-chosen') assert.equal(read.eventId, '$e:a.test');
    });

    it(`of version ${version} says what is wrong with its form, its size or its numbers`, () => {
      assert.match(readPdu('event', rules) as string, /no object/);
      assert.match(readPdu(pdu(rules, { depth: -1 }), rules) as string, /malformed/);
      assert.match(readPdu(pdu(rules, { content: { body: 'x'.repeat(65_536) } }), rules) as string, /too large/);
      const fraction = readPdu(pdu(rules, { content: { n: 0.5 } }), rules);
      assert.equal(typeof fraction === 'string', rules.strictCanonicalJson);
      assert.match(readPdu(pdu(rules, { content: { text: '\ud800' } }), rules) as string, /no canonical form/);
    });
  }
});
