import { ALL, type Case, judgeAll, since, until } from './judge.ts';
import { BANNED, CREATOR, INVITED, MEMBER, MOD, PEER, type RoomState, STRANGER } from './room-state.ts';

const message = (room: RoomState, sender: string) => room.event('m.room.message', sender, { body: 'hello' });
const topic = (room: RoomState, sender: string) => room.event('m.room.topic', sender, { topic: 'x' }, '');

const CASES: Case[] = [
  ['a message of a member', ALL, 'allowed', (room) => message(room, MEMBER)],
  ['a message of a stranger', ALL, 'sender.not_joined', (room) => message(room, STRANGER)],
  ['a message of an invited user', ALL, 'sender.not_joined', (room) => message(room, INVITED)],
  ['a message of a banned user', ALL, 'sender.not_joined', (room) => message(room, BANNED)],
  [
    'anything in a room without create event',
    ALL,
    'room.no_create',
    (room) => message(room.unset('m.room.create', ''), MEMBER),
  ],
  [
    'an event whose room id is not that of the create event',
    since(12),
    'room.room_id',
    (room) => {
      const event = message(room, MEMBER);
      event.pdu.room_id = '!other';
      return event;
    },
  ],
  ['state of a moderator', ALL, 'allowed', (room) => topic(room, MOD)],
  ['state of a member', ALL, 'sender.level', (room) => topic(room, MEMBER)],
  [
    'a type that needs more than the sender has',
    ALL,
    'sender.level',
    (room) => message(room.powerLevels({ events: { 'm.room.message': 1 } }), MEMBER),
  ],
  [
    'a type that needs less than the default',
    ALL,
    'allowed',
    (room) => topic(room.powerLevels({ events: { 'm.room.topic': 0 } }), MEMBER),
  ],
  [
    'messages where events_default is above the sender',
    ALL,
    'sender.level',
    (room) => message(room.powerLevels({ events_default: 1 }), MEMBER),
  ],
  [
    'messages where users_default reaches events_default',
    ALL,
    'allowed',
    (room) => message(room.powerLevels({ events_default: 1, users_default: 1 }), MEMBER),
  ],
  [
    'a type that is called like a property of every object',
    ALL,
    'allowed',
    (room) => room.event('constructor', MEMBER),
  ],
  ['state whose key is the sender', ALL, 'allowed', (room) => room.event('org.example', MOD, {}, MOD)],
  ['state whose key is another user', ALL, 'state_key.user', (room) => room.event('org.example', MOD, {}, MEMBER)],
  [
    'state whose key begins with @, even of the creator',
    ALL,
    'state_key.user',
    (room) => room.event('org.example', CREATOR, {}, '@anything'),
  ],
  ['other servers in a room that federates', ALL, 'allowed', (room) => message(room, PEER)],
  [
    'other servers in a room that does not federate',
    ALL,
    'room.federate',
    (room) => {
      const create = room.get('m.room.create', '')?.pdu.content ?? {};
      return message(room.set('m.room.create', '', CREATOR, { ...create, 'm.federate': false }), PEER);
    },
  ],
  [
    'the own server in a room that does not federate',
    ALL,
    'allowed',
    (room) => {
      const create = room.get('m.room.create', '')?.pdu.content ?? {};
      return message(room.set('m.room.create', '', CREATOR, { ...create, 'm.federate': false }), MEMBER);
    },
  ],
  [
    'the creator as if at level 100 while there are no power levels',
    ALL,
    'allowed',
    (room) => topic(room.unset('m.room.power_levels', ''), CREATOR),
  ],
  [
    'state of others while there are no power levels',
    ALL,
    'sender.level',
    (room) => topic(room.unset('m.room.power_levels', ''), MOD),
  ],
  [
    'a creator above every level',
    since(12),
    'allowed',
    (room) => topic(room.powerLevels({ events: { 'm.room.topic': Number.MAX_SAFE_INTEGER } }), CREATOR),
  ],
  [
    'an additional creator above every level',
    since(12),
    'allowed',
    (room) => {
      room.set('m.room.create', '', CREATOR, { room_version: '12', additional_creators: [MEMBER] });
      return topic(room.powerLevels({ state_default: 1000 }), MEMBER);
    },
  ],
  [
    'an additional creator before there were any',
    ['10', '11'],
    'sender.level',
    (room) => {
      const content = { room_version: room.version, creator: CREATOR, additional_creators: [MEMBER] };
      return topic(room.set('m.room.create', '', CREATOR, content), MEMBER);
    },
  ],
  [
    'the sender of the create event as creator, whatever creator says',
    ['11'],
    'allowed',
    (room) =>
      topic(room.set('m.room.create', '', CREATOR, { creator: MEMBER }).unset('m.room.power_levels', ''), CREATOR),
  ],
  [
    'the creator that the content names, whoever sent the create event',
    until(10),
    'allowed',
    (room) =>
      topic(room.set('m.room.create', '', CREATOR, { creator: MEMBER }).unset('m.room.power_levels', ''), MEMBER),
  ],
  [
    'levels given as strings',
    until(9),
    'allowed',
    (room) => topic(room.powerLevels({ users: { [MEMBER]: ' +0050 ' } }), MEMBER),
  ],
  [
    'levels given as fractions, cut off',
    until(9),
    'sender.level',
    (room) => topic(room.powerLevels({ users: { [MEMBER]: 49.9 } }), MEMBER),
  ],
  [
    'a third-party invite of who may invite',
    ALL,
    'allowed',
    (room) => room.event('m.room.third_party_invite', MEMBER, {}, 'token'),
  ],
  [
    'a third-party invite of who may not invite',
    ALL,
    'third_party_invite.level',
    (room) => room.powerLevels({ invite: 1 }).event('m.room.third_party_invite', MEMBER, {}, 'token'),
  ],
  [
    'aliases of the own server by whoever',
    until(5),
    'allowed',
    (room) => room.event('m.room.aliases', STRANGER, { aliases: [] }, 'b.test'),
  ],
  [
    'aliases of another server',
    until(5),
    'aliases.domain',
    (room) => room.event('m.room.aliases', MEMBER, {}, 'b.test'),
  ],
  ['aliases that are no state', until(5), 'aliases.state_key', (room) => room.event('m.room.aliases', MEMBER)],
  [
    'aliases without the level for state, since they are state like other',
    since(6),
    'sender.level',
    (room) => room.event('m.room.aliases', MEMBER, { aliases: [] }, 'a.test'),
  ],
];

const redaction = (room: RoomState, sender: string, redacts: string) => {
  const event = room.event('m.room.redaction', sender);
  event.pdu.redacts = redacts;
  return event;
};

const REDACTIONS: Case[] = [
  ['whoever reaches the redact level', ['1', '2'], 'allowed', (room) => redaction(room, MOD, '$event:b.test')],
  ['events of the own server', ['1', '2'], 'allowed', (room) => redaction(room, MEMBER, '$event:a.test')],
  [
    'events of other servers below the redact level',
    ['1', '2'],
    'redaction.level',
    (room) => redaction(room, MEMBER, '$event:b.test'),
  ],
  ['anything, by the rules, from room version 3 on', since(3), 'allowed', (room) => redaction(room, MEMBER, '$event')],
  [
    'redactions that the level of their type forbids',
    ALL,
    'sender.level',
    (room) => redaction(room.powerLevels({ events: { 'm.room.redaction': 1 } }), MEMBER, '$event:a.test'),
  ],
];

describe('authorization', () => {
  describe('of any event', () => judgeAll(CASES));
  describe('of redactions', () => judgeAll(REDACTIONS));
});
