import type { JsonObject } from '../../../src/protocol/json.ts';
import { ALL, type Case, judgeAll, since, until } from './judge.ts';
import { CREATOR, MEMBER, type RoomState } from './room-state.ts';

function create(room: RoomState, changes: JsonObject = {}) {
  const event = room.event('m.room.create', CREATOR, { creator: CREATOR, room_version: room.version, ...changes }, '');
  event.pdu.prev_events = [];
  if (room.rules.roomIdIsCreateHash) delete event.pdu.room_id;
  return event;
}

const CASES: Case[] = [
  ['the first event of a room', ALL, 'allowed', (room) => create(room)],
  [
    'a second create event',
    ALL,
    'create.prev_events',
    (room) => {
      const event = create(room);
      event.pdu.prev_events = ['$before'];
      return event;
    },
  ],
  [
    'a room id of another server',
    until(11),
    'create.room_id_domain',
    (room) => {
      const event = create(room);
      event.pdu.room_id = '!room:b.test';
      return event;
    },
  ],
  [
    'any room id',
    since(12),
    'create.room_id',
    (room) => {
      const event = create(room);
      event.pdu.room_id = '!room:a.test';
      return event;
    },
  ],
  ['an unknown room version', ALL, 'create.room_version', (room) => create(room, { room_version: 'org.example' })],
  ['a room version that is no string', ALL, 'create.room_version', (room) => create(room, { room_version: 10 })],
  [
    'content without creator',
    until(10),
    'create.creator',
    (room) => {
      const event = create(room);
      delete event.pdu.content['creator'];
      return event;
    },
  ],
  [
    'content without creator, where the sender is the creator',
    since(11),
    'allowed',
    (room) => {
      const event = create(room);
      delete event.pdu.content['creator'];
      return event;
    },
  ],
  ['additional creators', since(12), 'allowed', (room) => create(room, { additional_creators: [MEMBER, '@:b.test'] })],
  [
    'additional creators that are no list',
    since(12),
    'create.additional_creators',
    (room) => create(room, { additional_creators: MEMBER }),
  ],
  [
    'additional creators that are no strings',
    since(12),
    'create.additional_creators',
    (room) => create(room, { additional_creators: [1] }),
  ],
  [
    'additional creators that are no user ids',
    since(12),
    'create.additional_creators',
    (room) => create(room, { additional_creators: ['member'] }),
  ],
  [
    'any value of additional_creators before it meant something',
    ['11'],
    'allowed',
    (room) => create(room, { additional_creators: 5 }),
  ],
];

describe('authorization of m.room.create', () => judgeAll(CASES));
