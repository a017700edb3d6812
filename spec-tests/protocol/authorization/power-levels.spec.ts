import assert from 'node:assert/strict';
import { type PowerLevels, powerLevels } from '../../../src/protocol/authorization/power-levels.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { CREATOR, MEMBER, MOD, RoomState } from './room-state.ts';

const MAX = Number.MAX_SAFE_INTEGER;

const CASES: [string, string, JsonObject | undefined, (levels: PowerLevels) => number, number][] = [
  ['a listed user', '11', { users: { [MEMBER]: 7 } }, (l) => l.userLevel(MEMBER), 7],
  ['a listed user with a negative level', '11', { users: { [MEMBER]: -7 } }, (l) => l.userLevel(MEMBER), -7],
  ['a user who is not listed', '11', { users_default: 3 }, (l) => l.userLevel(MEMBER), 3],
  ['a user without users_default', '11', {}, (l) => l.userLevel(MEMBER), 0],
  ['the creator, where no level is given', '11', {}, (l) => l.userLevel(CREATOR), 0],
  ['the creator without power levels event', '11', undefined, (l) => l.userLevel(CREATOR), 100],
  ['others without power levels event', '11', undefined, (l) => l.userLevel(MOD), 0],
  [
    'the creator since room version 12',
    '12',
    { users_default: 3 },
    (l) => l.userLevel(CREATOR),
    Number.POSITIVE_INFINITY,
  ],
  ['a user called like a property of every object', '11', {}, (l) => l.userLevel('constructor'), 0],
  ['a message by default', '11', {}, (l) => l.eventLevel('m.room.message', false), 0],
  ['state by default', '11', {}, (l) => l.eventLevel('m.room.topic', true), 50],
  ['state without power levels event', '11', undefined, (l) => l.eventLevel('m.room.topic', true), 50],
  ['a message by events_default', '11', { events_default: 5 }, (l) => l.eventLevel('m.room.message', false), 5],
  ['state by state_default', '11', { state_default: 5 }, (l) => l.eventLevel('m.room.topic', true), 5],
  [
    'a listed type, be it state or not',
    '11',
    { events: { a: 9 } },
    (l) => l.eventLevel('a', true) + l.eventLevel('a', false),
    18,
  ],
  ['inviting', '11', {}, (l) => l.invite, 0],
  ['kicking', '11', {}, (l) => l.kick, 50],
  ['banning', '11', {}, (l) => l.ban, 50],
  ['redacting', '11', {}, (l) => l.redact, 50],
  ['kicking, as given', '11', { kick: 1 }, (l) => l.kick, 1],
  ['notifying the room', '11', {}, (l) => l.notificationLevel('room'), 50],
  ['notifying the room, as given', '11', { notifications: { room: 20 } }, (l) => l.notificationLevel('room'), 20],
  ['a string, before integers were asked for', '9', { ban: '070' }, (l) => l.ban, 70],
  ['a signed string with space around', '9', { ban: ' -70 ' }, (l) => l.ban, -70],
  ['a fraction, cut off', '9', { ban: 70.9 }, (l) => l.ban, 70],
  ['a string that is no integer', '9', { ban: '7.5' }, (l) => l.ban, 50],
  ['a string, where integers are asked for', '10', { ban: '70' }, (l) => l.ban, 50],
  ['the largest integer', '10', { ban: MAX }, (l) => l.ban, MAX],
];

describe('power levels', () => {
  for (const [title, version, content, read, expected] of CASES) {
    it(`are right for ${title} (version ${version})`, () => {
      const room = new RoomState(version);
      if (content) room.powerLevels(content);
      else room.unset('m.room.power_levels', '');
      assert.equal(read(powerLevels(room.rules, room)), expected);
    });
  }

  it('are read once per event', () => {
    const room = new RoomState('12');
    assert.equal(powerLevels(room.rules, room), powerLevels(room.rules, room));
  });

  it('are read again when the create event is another', () => {
    const room = new RoomState('12');
    assert.equal(powerLevels(room.rules, room).userLevel(MEMBER), 0);
    room.set('m.room.create', '', CREATOR, { room_version: '12', additional_creators: [MEMBER] });
    assert.equal(powerLevels(room.rules, room).userLevel(MEMBER), Number.POSITIVE_INFINITY);
  });
});
