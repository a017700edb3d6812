import type { Candidate } from '../../../src/protocol/authorization/authorize.ts';
import { ALL, type Case, judgeAll, since, until } from './judge.ts';
import { BANNED, CREATOR, INVITED, KNOCKING, MEMBER, MOD, PEER, type RoomState, STRANGER } from './room-state.ts';

/** The very first join, right after the create event. */
function firstJoin(room: RoomState, user: string): Candidate {
  for (const id of [CREATOR, MOD, MEMBER, PEER]) room.unset('m.room.member', id);
  room.unset('m.room.power_levels', '').unset('m.room.join_rules', '');
  const join = room.membership(user, 'join');
  join.pdu.prev_events = [room.createId];
  return join;
}

const vouched = (room: RoomState, voucher: string) =>
  room.membership(STRANGER, 'join', STRANGER, { join_authorised_via_users_server: voucher });

const JOIN: Case[] = [
  ['the creator as the first to join', ALL, 'allowed', (room) => firstJoin(room, CREATOR)],
  ['anyone else as the first to join', ALL, 'membership.not_invited', (room) => firstJoin(room, MEMBER)],
  [
    'a creator whose join is not the first event',
    ALL,
    'membership.not_invited',
    (room) => {
      const join = firstJoin(room, CREATOR);
      join.pdu.prev_events = ['$before:a.test'];
      return join;
    },
  ],
  ['joining for another user', ALL, 'membership.join_other', (room) => room.membership(MEMBER, 'join', INVITED)],
  [
    'a banned user in a public room',
    ALL,
    'membership.banned',
    (room) => room.joinRule('public').membership(BANNED, 'join'),
  ],
  ['anyone into a public room', ALL, 'allowed', (room) => room.joinRule('public').membership(STRANGER, 'join')],
  ['an invited user', ALL, 'allowed', (room) => room.membership(INVITED, 'join')],
  ['a member who changes their profile', ALL, 'allowed', (room) => room.membership(MEMBER, 'join')],
  ['a user without invite', ALL, 'membership.not_invited', (room) => room.membership(STRANGER, 'join')],
  [
    'a user without invite where no join rule is set',
    ALL,
    'membership.not_invited',
    (room) => room.unset('m.room.join_rules', '').membership(STRANGER, 'join'),
  ],
  [
    'an invited user where the join rule is unknown',
    ALL,
    'membership.join_rule',
    (room) => room.joinRule('org.example').membership(INVITED, 'join'),
  ],
  [
    'an invited user where the join rule is knock',
    since(7),
    'allowed',
    (room) => room.joinRule('knock').membership(INVITED, 'join'),
  ],
  [
    'an invited user where knock is no join rule yet',
    until(6),
    'membership.join_rule',
    (room) => room.joinRule('knock').membership(INVITED, 'join'),
  ],
  [
    'a knocking user before anybody answered',
    since(7),
    'membership.not_invited',
    (room) => room.joinRule('knock').membership(KNOCKING, 'join'),
  ],
  [
    'an invited user where the join rule is restricted',
    since(8),
    'allowed',
    (room) => room.joinRule('restricted').membership(INVITED, 'join'),
  ],
  [
    'an invited user where restricted is no join rule yet',
    until(7),
    'membership.join_rule',
    (room) => room.joinRule('restricted').membership(INVITED, 'join'),
  ],
  [
    'a user without voucher where the join rule is restricted',
    since(8),
    'membership.restricted',
    (room) => room.joinRule('restricted').membership(STRANGER, 'join'),
  ],
  ['a user for whom a member vouches', since(8), 'allowed', (room) => vouched(room.joinRule('restricted'), MEMBER)],
  [
    'a user for whom a member vouches, also where knocking is possible',
    since(10),
    'allowed',
    (room) => vouched(room.joinRule('knock_restricted'), MEMBER),
  ],
  [
    'knock_restricted before there was such a join rule',
    ['8', '9'],
    'membership.join_rule',
    (room) => vouched(room.joinRule('knock_restricted'), MEMBER),
  ],
  [
    'a user for whom somebody outside vouches',
    since(8),
    'membership.voucher_not_joined',
    (room) => vouched(room.joinRule('restricted'), INVITED),
  ],
  [
    'a user for whom a member vouches who may not invite',
    since(8),
    'membership.voucher_level',
    (room) => vouched(room.joinRule('restricted').powerLevels({ invite: 10 }), MEMBER),
  ],
  [
    'a creator as voucher, whatever the invite level',
    since(12),
    'allowed',
    (room) => vouched(room.joinRule('restricted').powerLevels({ invite: 1000 }), CREATOR),
  ],
  [
    'a voucher that is no user id',
    since(8),
    'membership.voucher',
    (room) => vouched(room.joinRule('public'), 'member'),
  ],
  [
    'a banned user with a voucher',
    since(8),
    'membership.banned',
    (room) =>
      room.joinRule('restricted').membership(BANNED, 'join', BANNED, { join_authorised_via_users_server: MEMBER }),
  ],
];

const INVITE: Case[] = [
  ['a member, where anyone may invite', ALL, 'allowed', (room) => room.membership(MEMBER, 'invite', STRANGER)],
  [
    'a member, of somebody who is invited already',
    ALL,
    'allowed',
    (room) => room.membership(MEMBER, 'invite', INVITED),
  ],
  ['a member, of somebody who knocks', since(7), 'allowed', (room) => room.membership(MEMBER, 'invite', KNOCKING)],
  ['who is not in the room', ALL, 'sender.not_joined', (room) => room.membership(STRANGER, 'invite', '@other:b.test')],
  ['of a member', ALL, 'membership.already_joined', (room) => room.membership(MOD, 'invite', MEMBER)],
  ['of a banned user', ALL, 'membership.target_banned', (room) => room.membership(MOD, 'invite', BANNED)],
  [
    'who is below the invite level',
    ALL,
    'membership.invite_level',
    (room) => room.powerLevels({ invite: 51, users: { [MOD]: 50 } }).membership(MOD, 'invite', STRANGER),
  ],
  [
    'who is at the invite level',
    ALL,
    'allowed',
    (room) => room.powerLevels({ invite: 50, users: { [MOD]: 50 } }).membership(MOD, 'invite', STRANGER),
  ],
];

const LEAVE: Case[] = [
  ['a member who leaves', ALL, 'allowed', (room) => room.membership(MEMBER, 'leave')],
  ['a user who rejects an invite', ALL, 'allowed', (room) => room.membership(INVITED, 'leave')],
  ['a user who withdraws a knock', since(7), 'allowed', (room) => room.membership(KNOCKING, 'leave')],
  [
    'a user who knocks where there is no knocking',
    until(6),
    'membership.not_in_room',
    (room) => room.membership(KNOCKING, 'leave'),
  ],
  ['a user who was never there', ALL, 'membership.not_in_room', (room) => room.membership(STRANGER, 'leave')],
  [
    'a banned user who wants to be rid of the ban',
    ALL,
    'membership.banned',
    (room) => room.membership(BANNED, 'leave'),
  ],
  ['a moderator who kicks a member', ALL, 'allowed', (room) => room.membership(MOD, 'leave', MEMBER)],
  ['a moderator who takes back an invite', ALL, 'allowed', (room) => room.membership(MOD, 'leave', INVITED)],
  ['a moderator who rejects a knock', since(7), 'allowed', (room) => room.membership(MOD, 'leave', KNOCKING)],
  ['a member who kicks', ALL, 'membership.kick_level', (room) => room.membership(MEMBER, 'leave', PEER)],
  ['a kick by somebody outside', ALL, 'sender.not_joined', (room) => room.membership(STRANGER, 'leave', MEMBER)],
  [
    'a kick of an equal',
    ALL,
    'membership.target_level',
    (room) => room.powerLevels({ users: { [MOD]: 50, [MEMBER]: 50 } }).membership(MOD, 'leave', MEMBER),
  ],
  [
    'a kick of the creator by whoever has the highest level',
    since(12),
    'membership.target_level',
    (room) => room.powerLevels({ users: { [MOD]: Number.MAX_SAFE_INTEGER } }).membership(MOD, 'leave', CREATOR),
  ],
  ['a moderator who lifts a ban', ALL, 'allowed', (room) => room.membership(MOD, 'leave', BANNED)],
  [
    'lifting a ban below the ban level',
    ALL,
    'membership.unban_level',
    (room) => room.powerLevels({ ban: 51, users: { [MOD]: 50 } }).membership(MOD, 'leave', BANNED),
  ],
  [
    'lifting a ban below the kick level',
    ALL,
    'membership.kick_level',
    (room) => room.powerLevels({ kick: 51, users: { [MOD]: 50 } }).membership(MOD, 'leave', BANNED),
  ],
];

const BAN: Case[] = [
  ['a moderator who bans a member', ALL, 'allowed', (room) => room.membership(MOD, 'ban', MEMBER)],
  ['a moderator who bans somebody outside', ALL, 'allowed', (room) => room.membership(MOD, 'ban', STRANGER)],
  ['a member who bans', ALL, 'membership.ban_level', (room) => room.membership(MEMBER, 'ban', PEER)],
  ['a ban by somebody outside', ALL, 'sender.not_joined', (room) => room.membership(STRANGER, 'ban', MEMBER)],
  [
    'a ban of an equal',
    ALL,
    'membership.target_level',
    (room) => room.powerLevels({ users: { [MOD]: 50, [MEMBER]: 50 } }).membership(MOD, 'ban', MEMBER),
  ],
  ['a ban of the creator', ALL, 'membership.target_level', (room) => room.membership(MOD, 'ban', CREATOR)],
  [
    'a creator who bans another creator',
    since(12),
    'membership.target_level',
    (room) => {
      room.set('m.room.create', '', CREATOR, { room_version: '12', additional_creators: [MEMBER] });
      return room.membership(CREATOR, 'ban', MEMBER);
    },
  ],
];

const KNOCK: Case[] = [
  [
    'a user where the join rule is knock',
    since(7),
    'allowed',
    (room) => room.joinRule('knock').membership(STRANGER, 'knock'),
  ],
  ['a user who knocks again', since(7), 'allowed', (room) => room.joinRule('knock').membership(KNOCKING, 'knock')],
  [
    'a user where the join rule is knock_restricted',
    since(10),
    'allowed',
    (room) => room.joinRule('knock_restricted').membership(STRANGER, 'knock'),
  ],
  [
    'knock_restricted before there was such a join rule',
    ['7', '8', '9'],
    'membership.knock_rule',
    (room) => room.joinRule('knock_restricted').membership(STRANGER, 'knock'),
  ],
  ['where the join rule is invite', since(7), 'membership.knock_rule', (room) => room.membership(STRANGER, 'knock')],
  [
    'for another user',
    since(7),
    'membership.knock_other',
    (room) => room.joinRule('knock').membership(MEMBER, 'knock', STRANGER),
  ],
  ['a banned user', since(7), 'membership.banned', (room) => room.joinRule('knock').membership(BANNED, 'knock')],
  [
    'an invited user',
    since(7),
    'membership.already_invited',
    (room) => room.joinRule('knock').membership(INVITED, 'knock'),
  ],
  ['a member', since(7), 'membership.already_joined', (room) => room.joinRule('knock').membership(MEMBER, 'knock')],
  [
    'any knock before room version 7',
    until(6),
    'membership.unknown',
    (room) => room.joinRule('knock').membership(STRANGER, 'knock'),
  ],
];

const FORM: Case[] = [
  [
    'an event without state key',
    ALL,
    'membership.state_key',
    (room) => room.event('m.room.member', MEMBER, { membership: 'join' }),
  ],
  ['an event without membership', ALL, 'membership.missing', (room) => room.event('m.room.member', MEMBER, {}, MEMBER)],
  ['an unknown membership', ALL, 'membership.unknown', (room) => room.membership(MEMBER, 'org.example')],
  [
    'a membership named like a property of every object',
    ALL,
    'membership.unknown',
    (room) => room.membership(MEMBER, 'constructor'),
  ],
];

describe('authorization of m.room.member', () => {
  describe('in form', () => judgeAll(FORM));
  describe('when a user joins', () => judgeAll(JOIN));
  describe('when a user is invited', () => judgeAll(INVITE));
  describe('when a user leaves or is removed', () => judgeAll(LEAVE));
  describe('when a user is banned', () => judgeAll(BAN));
  describe('when a user knocks', () => judgeAll(KNOCK));
});
