import type { JsonObject } from '../../../src/protocol/json.ts';
import { ALL, type Case, judgeAll, since, until } from './judge.ts';
import { CREATOR, MEMBER, MOD, PEER, type RoomState } from './room-state.ts';

/** Levels by which the moderator may change power levels. */
const OPEN: JsonObject = { events: { 'm.room.power_levels': 50 }, users: { [MOD]: 50 } };

const change = (room: RoomState, content: JsonObject, sender = MOD) =>
  room.event('m.room.power_levels', sender, content, '');

/** The moderator changes the open levels from one value to the other; undefined leaves the key out. */
function alter(key: string, from: JsonObject | number | undefined, to: JsonObject | number | undefined) {
  return (room: RoomState) => {
    const before: JsonObject = { ...OPEN };
    const after: JsonObject = { ...OPEN };
    if (from !== undefined) before[key] = from;
    if (to !== undefined) after[key] = to;
    return change(room.powerLevels(before), after);
  };
}

/** The same for one entry of an object in the content. */
function alterEntry(key: 'events' | 'users' | 'notifications', entry: string, from?: number, to?: number) {
  const withEntry = (level: number | undefined): JsonObject => {
    const entries = { ...((OPEN[key] as JsonObject | undefined) ?? {}) };
    if (level === undefined) delete entries[entry];
    else entries[entry] = level;
    return { ...OPEN, [key]: entries };
  };
  return (room: RoomState) => change(room.powerLevels(withEntry(from)), withEntry(to));
}

const FORM: Case[] = [
  ['integers', ALL, 'allowed', (room) => change(room, { ban: 100, events: { a: 1 }, users: { [MEMBER]: 1 } }, CREATOR)],
  [
    'a level that is a string',
    until(9),
    'allowed',
    (room) => change(room, { users: { [CREATOR]: '100', [MEMBER]: '1' } }, CREATOR),
  ],
  ['a named level that is a string', since(10), 'power_levels.integer', (room) => change(room, { ban: '50' }, CREATOR)],
  [
    'a named level that is a fraction',
    since(10),
    'power_levels.integer',
    (room) => change(room, { kick: 1.5 }, CREATOR),
  ],
  ['a named level that is null', since(10), 'power_levels.integer', (room) => change(room, { invite: null }, CREATOR)],
  ['events that are no object', since(10), 'power_levels.entries', (room) => change(room, { events: [] }, CREATOR)],
  [
    'events that are strings',
    since(10),
    'power_levels.entries',
    (room) => change(room, { events: { a: '1' } }, CREATOR),
  ],
  [
    'notifications that are strings',
    since(10),
    'power_levels.entries',
    (room) => change(room, { notifications: { room: '1' } }, CREATOR),
  ],
  ['users that are no object', ALL, 'power_levels.users', (room) => change(room, { users: [] }, CREATOR)],
  [
    'a user with a level that is a string',
    since(10),
    'power_levels.users',
    (room) => change(room, { users: { [MEMBER]: '1' } }, CREATOR),
  ],
  [
    'a user with a level that is no integer in any way',
    ALL,
    'power_levels.users',
    (room) => change(room, { users: { [MEMBER]: 'ten' } }, CREATOR),
  ],
  ['a user id that is none', ALL, 'power_levels.user_id', (room) => change(room, { users: { member: 1 } }, CREATOR)],
  [
    'the creator among the users',
    since(12),
    'power_levels.creator_listed',
    (room) => change(room, { users: { [CREATOR]: 100 } }, CREATOR),
  ],
  [
    'an additional creator among the users',
    since(12),
    'power_levels.creator_listed',
    (room) => {
      room.set('m.room.create', '', CREATOR, { room_version: '12', additional_creators: [MEMBER] });
      return change(room, { users: { [MEMBER]: 100 } }, CREATOR);
    },
  ],
  [
    'the first power levels, whatever they give',
    ALL,
    'allowed',
    (room) => change(room.unset('m.room.power_levels', ''), { users: { [MEMBER]: 1000 } }, CREATOR),
  ],
];

const CHANGES: Case[] = [
  ['a member without the level for it', ALL, 'sender.level', (room) => change(room, {}, MEMBER)],
  ['nothing changed', ALL, 'allowed', alter('ban', 100, 100)],
  ['a level within reach', ALL, 'allowed', alter('ban', 50, 20)],
  ['a level added within reach', ALL, 'allowed', alter('ban', undefined, 50)],
  ['a level removed within reach', ALL, 'allowed', alter('ban', 50, undefined)],
  ['a level lowered that stood above the sender', ALL, 'power_levels.current_level', alter('ban', 51, 50)],
  ['a level removed that stood above the sender', ALL, 'power_levels.current_level', alter('redact', 51, undefined)],
  ['a level raised above the sender', ALL, 'power_levels.new_level', alter('users_default', 0, 51)],
  ['a level added above the sender', ALL, 'power_levels.new_level', alter('state_default', undefined, 51)],
  ['an event type added within reach', ALL, 'allowed', alterEntry('events', 'm.room.topic', undefined, 50)],
  [
    'an event type added above the sender',
    ALL,
    'power_levels.events_new',
    alterEntry('events', 'm.room.topic', undefined, 51),
  ],
  ['an event type removed within reach', ALL, 'allowed', alterEntry('events', 'm.room.topic', 50)],
  [
    'an event type removed that stood above',
    ALL,
    'power_levels.events_current',
    alterEntry('events', 'm.room.topic', 51),
  ],
  [
    'an event type lowered that stood above',
    ALL,
    'power_levels.events_current',
    alterEntry('events', 'm.room.topic', 51, 1),
  ],
  [
    'an event type that is called like a property of every object',
    ALL,
    'power_levels.events_new',
    alterEntry('events', 'constructor', undefined, 51),
  ],
  [
    'notifications above the sender',
    since(6),
    'power_levels.notifications_new',
    alterEntry('notifications', 'room', 50, 51),
  ],
  [
    'notifications that stood above the sender',
    since(6),
    'power_levels.notifications_current',
    alterEntry('notifications', 'room', 51),
  ],
  [
    'notifications above the sender, before they were looked at',
    until(5),
    'allowed',
    alterEntry('notifications', 'room', 50, 51),
  ],
  ['another user raised to the own level', ALL, 'allowed', alterEntry('users', MEMBER, 0, 50)],
  ['another user raised above the own level', ALL, 'power_levels.user_new', alterEntry('users', MEMBER, 0, 51)],
  ['another user added above the own level', ALL, 'power_levels.user_new', alterEntry('users', MEMBER, undefined, 51)],
  ['a user below lowered', ALL, 'allowed', alterEntry('users', MEMBER, 49, 0)],
  ['an equal lowered', ALL, 'power_levels.user_current', alterEntry('users', MEMBER, 50, 0)],
  ['an equal removed', ALL, 'power_levels.user_current', alterEntry('users', PEER, 50)],
  ['the own level lowered', ALL, 'allowed', alterEntry('users', MOD, 50, 0)],
  ['the own level given up', ALL, 'allowed', alterEntry('users', MOD, 50)],
  ['the own level raised', ALL, 'power_levels.user_new', alterEntry('users', MOD, 50, 51)],
  [
    'a string that means the same integer',
    until(9),
    'allowed',
    (room) => change(room.powerLevels({ ...OPEN, ban: 100 }), { ...OPEN, ban: ' 0100' }),
  ],
  [
    'a creator who changes what stands above all',
    since(12),
    'allowed',
    (room) => change(room.powerLevels({ users: { [MOD]: 1000 } }), { users: {} }, CREATOR),
  ],
];

describe('authorization of m.room.power_levels', () => {
  describe('in form', () => judgeAll(FORM));
  describe('against the levels so far', () => judgeAll(CHANGES));
});
