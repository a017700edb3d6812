import assert from 'node:assert/strict';
import { authEventKeys } from '../../../src/protocol/authorization/auth-event-keys.ts';
import type { Candidate } from '../../../src/protocol/authorization/authorize.ts';
import { checkAuthEvents } from '../../../src/protocol/authorization/check-auth-events.ts';
import type { RoomEvent } from '../../../src/protocol/events/pdu.ts';
import { outcome } from './judge.ts';
import { CREATOR, MEMBER, MOD, RoomState, STRANGER } from './room-state.ts';

const CREATE = 'm.room.create ';
const LEVELS = 'm.room.power_levels ';
const JOIN_RULES = 'm.room.join_rules ';
const member = (user: string) => `m.room.member ${user}`;

const SELECTIONS: [string, string, (room: RoomState) => Candidate, string[]][] = [
  ['of the create event', '11', (room) => room.event('m.room.create', CREATOR, {}, ''), []],
  ['of a message', '11', (room) => room.event('m.room.message', MEMBER), [CREATE, LEVELS, member(MEMBER)]],
  [
    'of a message, the create event being implied',
    '12',
    (room) => room.event('m.room.message', MEMBER),
    [LEVELS, member(MEMBER)],
  ],
  ['of a join', '11', (room) => room.membership(MEMBER, 'join'), [CREATE, LEVELS, member(MEMBER), JOIN_RULES]],
  ['of a leave', '11', (room) => room.membership(MEMBER, 'leave'), [CREATE, LEVELS, member(MEMBER)]],
  ['of a knock', '11', (room) => room.membership(STRANGER, 'knock'), [CREATE, LEVELS, member(STRANGER), JOIN_RULES]],
  [
    'of an invite',
    '11',
    (room) => room.membership(MOD, 'invite', STRANGER),
    [CREATE, LEVELS, member(MOD), member(STRANGER), JOIN_RULES],
  ],
  ['of a ban', '12', (room) => room.membership(MOD, 'ban', STRANGER), [LEVELS, member(MOD), member(STRANGER)]],
  [
    'of a third-party invite',
    '11',
    (room) => room.membership(MOD, 'invite', STRANGER, { third_party_invite: { signed: { token: 'abc' } } }),
    [CREATE, LEVELS, member(MOD), member(STRANGER), JOIN_RULES, 'm.room.third_party_invite abc'],
  ],
  [
    'of a join with voucher',
    '8',
    (room) => room.membership(STRANGER, 'join', STRANGER, { join_authorised_via_users_server: MEMBER }),
    [CREATE, LEVELS, member(STRANGER), JOIN_RULES, member(MEMBER)],
  ],
  [
    'of a join with voucher, before restricted rooms',
    '7',
    (room) => room.membership(STRANGER, 'join', STRANGER, { join_authorised_via_users_server: MEMBER }),
    [CREATE, LEVELS, member(STRANGER), JOIN_RULES],
  ],
];

describe('selection of auth events', () => {
  for (const [title, version, make, expected] of SELECTIONS) {
    it(`is right for that ${title} (version ${version})`, () => {
      const room = new RoomState(version);
      const keys = authEventKeys(room.rules, make(room).pdu).map(([type, key]) => `${type} ${key}`);
      assert.deepEqual(keys, expected);
    });
  }
});

type Change = (events: RoomEvent[], room: RoomState) => RoomEvent[];

const CHECKS: [string, string, string, Change][] = [
  ['allows what the selection names', '11', 'allowed', (events) => events],
  ['allows what the selection names without create event', '12', 'allowed', (events) => events],
  [
    'allows that the sender has no power levels event to name',
    '11',
    'allowed',
    (events) => events.filter(({ pdu }) => pdu.type !== 'm.room.power_levels'),
  ],
  ['refuses two events for one key', '11', 'auth_events.duplicate', (events) => [...events, ...events.slice(1, 2)]],
  [
    'refuses state that is not selected',
    '11',
    'auth_events.unexpected',
    (events, room) => [...events, room.get('m.room.join_rules', '')!],
  ],
  [
    'refuses the create event where it is implied',
    '12',
    'auth_events.unexpected',
    (events, room) => [...events, room.get('m.room.create', '')!],
  ],
  [
    'refuses an event that is no state',
    '11',
    'auth_events.unexpected',
    (events, room) => [...events, { eventId: '$message', pdu: room.event('m.room.message', MEMBER).pdu }],
  ],
  [
    'refuses an event that was rejected',
    '11',
    'auth_events.rejected',
    ([first, ...rest]) => [first!, ...rest.map((event) => ({ ...event, rejected: true }))],
  ],
  ['refuses a list without create event', '11', 'auth_events.no_create', (events) => events.slice(1)],
  [
    'refuses events of another room',
    '11',
    'auth_events.room',
    ([first, ...rest]) => [
      first!,
      ...rest.map(({ eventId, pdu }) => ({ eventId, pdu: { ...pdu, room_id: '!other:a.test' } })),
    ],
  ],
];

describe('check of auth events', () => {
  for (const [title, version, expected, change] of CHECKS) {
    it(title, () => {
      const room = new RoomState(version);
      const { pdu } = room.event('m.room.message', MEMBER);
      const selected = authEventKeys(room.rules, pdu).map(([type, key]) => room.get(type, key)!);
      assert.equal(outcome(checkAuthEvents(room.rules, pdu, change(selected, room))), expected);
    });
  }
});
