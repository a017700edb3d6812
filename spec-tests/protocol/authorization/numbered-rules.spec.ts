import assert from 'node:assert/strict';
import { authEventKeys } from '../../../src/protocol/authorization/auth-event-keys.ts';
import { authorize, type Candidate } from '../../../src/protocol/authorization/authorize.ts';
import { checkAuthEvents } from '../../../src/protocol/authorization/check-auth-events.ts';
import { ALLOWED, refused, type Verdict } from '../../../src/protocol/authorization/verdict.ts';
import type { RoomEvent } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { requiredSigners } from '../../../src/protocol/signing/required-signers.ts';
import { signJson } from '../../../src/protocol/signing/sign-json.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { ALL, outcome } from './judge.ts';
import {
  BANNED,
  CREATOR,
  INVITED,
  KNOCKING,
  MEMBER as MEMBER_USER,
  MOD,
  PEER,
  RoomState,
  STRANGER,
} from './room-state.ts';
import * as numbers from './rule-numbers.ts';
import { numberIn, type RuleNumbers, within } from './rule-numbers.ts';

type Judged = (room: RoomState) => Verdict | Candidate;

/** A rule: an event that it lets pass, or allows; the outcome where it refuses, and an event that it refuses. */
type Rule = readonly [numbers: RuleNumbers, allowed: Judged, refusal: string, refused: Judged];

const KEY = signingKeyFromSeed(new Uint8Array(32).fill(1), '1');
const ME = MEMBER_USER;

const create = (room: RoomState, change: (event: Candidate) => void = () => undefined): Candidate => {
  const content: JsonObject = { room_version: room.version };
  if (!room.rules.implicitRoomCreator) content['creator'] = CREATOR;
  const event = room.event('m.room.create', CREATOR, content, '');
  event.pdu.prev_events = [];
  if (room.rules.roomIdIsCreateHash) delete event.pdu.room_id;
  change(event);
  return event;
};
const message = (room: RoomState, sender = ME) => room.event('m.room.message', sender);
const unfederated = (room: RoomState) => {
  const content = room.get('m.room.create', '')!.pdu.content;
  return room.set('m.room.create', '', CREATOR, { ...content, 'm.federate': false });
};

/** What the rules on auth events say of a message with those that are selected, or others. */
const named = (change: (events: RoomEvent[], room: RoomState) => RoomEvent[]) => (room: RoomState) => {
  const { pdu } = message(room);
  const selected = authEventKeys(room.rules, pdu).map(([type, key]) => room.get(type, key)!);
  return checkAuthEvents(room.rules, pdu, change(selected, room));
};
const selected = named((events) => events);

const firstJoin = (user: string) => (room: RoomState) => {
  for (const id of [CREATOR, MOD, ME, PEER]) room.unset('m.room.member', id);
  room.unset('m.room.power_levels', '').unset('m.room.join_rules', '');
  const join = room.membership(user, 'join');
  join.pdu.prev_events = [room.createId];
  return join;
};
const join = (user: string, joinRule: string) => (room: RoomState) => room.joinRule(joinRule).membership(user, 'join');
const vouched =
  (voucher: string, invite = 0) =>
  (room: RoomState) => {
    const content = { join_authorised_via_users_server: voucher };
    return room.joinRule('restricted').powerLevels({ invite }).membership(STRANGER, 'join', STRANGER, content);
  };
/** Rule on signatures, which `verifyEvent` goes by: whose signature the event must have. */
const signedBy = (server: string) => (room: RoomState) => {
  const servers = requiredSigners(vouched(ME)(room).pdu, room.rules)!;
  return servers.has('a.test' as never) === (server === 'a.test') ? ALLOWED : refused('signature', server);
};

/** An invite of somebody whose address a member has invited. */
const addressed =
  (change: { target?: string; signed?: JsonObject; by?: string; key?: typeof KEY; content?: JsonObject } = {}) =>
  (room: RoomState) => {
    const { target = STRANGER, by = ME, key = KEY } = change;
    const signed = change.signed ?? { mxid: target, token: 'abc' };
    signJson(signed, 'identity.test', key);
    room.set('m.room.third_party_invite', 'abc', by, change.content ?? { public_key: KEY.publicKey });
    return room.membership(ME, 'invite', target, { third_party_invite: { signed } });
  };
const OTHER_KEY = signingKeyFromSeed(new Uint8Array(32).fill(2), '1');
const LISTED = { public_key: OTHER_KEY.publicKey, public_keys: [{ public_key: KEY.publicKey }] };

const member =
  (sender: string, membership: string, target = sender, levels?: JsonObject) =>
  (room: RoomState) => {
    if (levels) room.powerLevels(levels);
    return room.membership(sender, membership, target);
  };
const knock =
  (sender: string, joinRule = 'knock', target = sender) =>
  (room: RoomState) =>
    room.joinRule(joinRule).membership(sender, 'knock', target);

const OPEN: JsonObject = { events: { 'm.room.power_levels': 50 }, users: { [MOD]: 50 } };
/** The moderator changes the levels; without levels so far, the creator sets them. */
const levels = (after: JsonObject, before?: JsonObject) => (room: RoomState) => {
  if (before) room.powerLevels({ ...OPEN, ...before });
  return room.event('m.room.power_levels', before ? MOD : CREATOR, before ? { ...OPEN, ...after } : after, '');
};
const firstLevels = (content: JsonObject) => (room: RoomState) =>
  levels(content)(room.unset('m.room.power_levels', ''));
const users = (more: JsonObject): JsonObject => ({ users: { [MOD]: 50, ...more } });
const events = (more: JsonObject): JsonObject => ({ events: { 'm.room.power_levels': 50, ...more } });

const redacts = (sender: string, eventId: string) => (room: RoomState) => {
  const event = room.event('m.room.redaction', sender);
  event.pdu.redacts = eventId;
  return event;
};

const INVITE_BY_ADDRESS = within(numbers.INVITE, 1);
const RESTRICTED = within(numbers.JOIN, { 8: '5' });
const LEVEL_RULES = (v1: string, v10: string, v12: string) => within(numbers.POWER_LEVELS, { 1: v1, 10: v10, 12: v12 });

const RULES: readonly Rule[] = [
  [within(numbers.CREATE, 1), create, 'create.prev_events', (r) => create(r, (e) => (e.pdu.prev_events = ['$x']))],
  [
    within(numbers.CREATE, { 1: '2', 12: null }),
    create,
    'create.room_id_domain',
    (r) => create(r, (e) => (e.pdu.room_id = '!r:b.test')),
  ],
  [
    within(numbers.CREATE, { 12: '2' }),
    create,
    'create.room_id',
    (r) => create(r, (e) => (e.pdu.room_id = '!r:a.test')),
  ],
  [
    within(numbers.CREATE, 3),
    create,
    'create.room_version',
    (r) => create(r, (e) => (e.pdu.content['room_version'] = '99')),
  ],
  [
    within(numbers.CREATE, { 1: '4', 11: null }),
    create,
    'create.creator',
    (r) => create(r, (e) => delete e.pdu.content['creator']),
  ],
  [
    within(numbers.CREATE, { 12: '4' }),
    (r) => create(r, (e) => (e.pdu.content['additional_creators'] = [ME])),
    'create.additional_creators',
    (r) => create(r, (e) => (e.pdu.content['additional_creators'] = ['me'])),
  ],
  [
    within(numbers.CREATE, { 1: '5', 11: '4', 12: '5' }),
    create,
    'create.prev_events',
    (r) => create(r, (e) => (e.pdu.prev_events = ['$x'])),
  ],
  [
    numbers.ROOM_ID,
    message,
    'room.room_id',
    (r) => {
      const event = message(r);
      event.pdu.room_id = '!other';
      return event;
    },
  ],
  [within(numbers.AUTH_EVENTS, 1), selected, 'auth_events.duplicate', named((all) => [...all, all[0]!])],
  [
    within(numbers.AUTH_EVENTS, 2),
    selected,
    'auth_events.unexpected',
    named((all, room) => [...all, room.get('m.room.join_rules', '')!]),
  ],
  [
    within(numbers.AUTH_EVENTS, 3),
    selected,
    'auth_events.rejected',
    named((all) => all.map((event) => ({ ...event, rejected: event.pdu.type === 'm.room.member' }))),
  ],
  [
    within(numbers.AUTH_EVENTS, { 1: '4', 12: null }),
    selected,
    'auth_events.no_create',
    named((all) => all.filter(({ pdu }) => pdu.type !== 'm.room.create')),
  ],
  [
    within(numbers.AUTH_EVENTS, { 1: '5', 12: '4' }),
    selected,
    'auth_events.room',
    named((all) => all.map(({ eventId, pdu }) => ({ eventId, pdu: { ...pdu, room_id: '!other:a.test' } }))),
  ],
  [numbers.FEDERATE, (r) => message(unfederated(r)), 'room.federate', (r) => message(unfederated(r), PEER)],
  [
    within(numbers.ALIASES, 1),
    (r) => r.event('m.room.aliases', ME, {}, 'a.test'),
    'aliases.state_key',
    (r) => r.event('m.room.aliases', ME),
  ],
  [
    within(numbers.ALIASES, 2),
    (r) => r.event('m.room.aliases', PEER, {}, 'b.test'),
    'aliases.domain',
    (r) => r.event('m.room.aliases', PEER, {}, 'a.test'),
  ],
  [
    within(numbers.ALIASES, 3),
    (r) => r.event('m.room.aliases', STRANGER, {}, 'b.test'),
    'aliases.domain',
    (r) => r.event('m.room.aliases', STRANGER, {}, ''),
  ],
  [within(numbers.MEMBER, 1), member(ME, 'join'), 'membership.missing', (r) => r.event('m.room.member', ME, {}, ME)],
  [within(numbers.VOUCHED, 1), signedBy('a.test'), 'signature', signedBy('b.test')],
  [within(numbers.JOIN, 1), firstJoin(CREATOR), 'membership.not_invited', firstJoin(ME)],
  [within(numbers.JOIN, 2), member(INVITED, 'join'), 'membership.join_other', member(ME, 'join', INVITED)],
  [within(numbers.JOIN, 3), join(STRANGER, 'public'), 'membership.banned', join(BANNED, 'public')],
  [within(numbers.JOIN, 4), join(INVITED, 'invite'), 'membership.not_invited', join(STRANGER, 'invite')],
  [within(RESTRICTED, 1), join(INVITED, 'restricted'), 'membership.restricted', join(STRANGER, 'restricted')],
  [within(RESTRICTED, 2), vouched(ME), 'membership.voucher_level', vouched(ME, 10)],
  [within(RESTRICTED, 3), vouched(PEER), 'membership.voucher_not_joined', vouched(INVITED)],
  [within(numbers.JOIN, { 1: '5', 8: '6' }), join(STRANGER, 'public'), 'membership.banned', join(BANNED, 'public')],
  [within(numbers.JOIN, { 1: '6', 8: '7' }), join(INVITED, 'invite'), 'membership.join_rule', join(INVITED, 'private')],
  [within(INVITE_BY_ADDRESS, 1), addressed(), 'membership.target_banned', addressed({ target: BANNED })],
  [
    within(INVITE_BY_ADDRESS, 2),
    addressed(),
    'third_party_invite.signed',
    (r) => r.membership(ME, 'invite', STRANGER, { third_party_invite: {} }),
  ],
  [within(INVITE_BY_ADDRESS, 3), addressed(), 'third_party_invite.form', addressed({ signed: { mxid: STRANGER } })],
  [
    within(INVITE_BY_ADDRESS, 4),
    addressed(),
    'third_party_invite.mxid',
    addressed({ signed: { mxid: PEER, token: 'abc' } }),
  ],
  [
    within(INVITE_BY_ADDRESS, 5),
    addressed(),
    'third_party_invite.unknown',
    addressed({ signed: { mxid: STRANGER, token: 'x' } }),
  ],
  [within(INVITE_BY_ADDRESS, 6), addressed(), 'third_party_invite.sender', addressed({ by: PEER })],
  [within(INVITE_BY_ADDRESS, '7.1'), addressed(), 'third_party_invite.signature', addressed({ key: OTHER_KEY })],
  [
    within(INVITE_BY_ADDRESS, '7.2'),
    addressed({ content: LISTED }),
    'third_party_invite.signature',
    addressed({ content: { public_keys: [{ public_key: OTHER_KEY.publicKey }] } }),
  ],
  [within(INVITE_BY_ADDRESS, 8), addressed(), 'third_party_invite.signature', addressed({ content: {} })],
  [within(numbers.INVITE, 2), member(ME, 'invite', STRANGER), 'sender.not_joined', member(INVITED, 'invite', STRANGER)],
  [within(numbers.INVITE, 3), member(ME, 'invite', STRANGER), 'membership.already_joined', member(ME, 'invite', PEER)],
  [
    within(numbers.INVITE, 4),
    member(MOD, 'invite', STRANGER, { ...OPEN, invite: 50 }),
    'membership.invite_level',
    member(ME, 'invite', STRANGER, { ...OPEN, invite: 50 }),
  ],
  [
    within(numbers.INVITE, 5),
    member(ME, 'invite', STRANGER),
    'membership.invite_level',
    member(ME, 'invite', STRANGER, { invite: 1 }),
  ],
  [within(numbers.LEAVE, 1), member(INVITED, 'leave'), 'membership.not_in_room', member(STRANGER, 'leave')],
  [within(numbers.LEAVE, 2), member(MOD, 'leave', ME), 'sender.not_joined', member(INVITED, 'leave', ME)],
  [
    within(numbers.LEAVE, 3),
    member(MOD, 'leave', BANNED),
    'membership.unban_level',
    member(MOD, 'leave', BANNED, { ...OPEN, ban: 51 }),
  ],
  [
    within(numbers.LEAVE, 4),
    member(MOD, 'leave', ME),
    'membership.target_level',
    member(MOD, 'leave', ME, users({ [ME]: 50 })),
  ],
  [within(numbers.LEAVE, 5), member(MOD, 'leave', ME), 'membership.kick_level', member(ME, 'leave', PEER)],
  [within(numbers.BAN, 1), member(MOD, 'ban', ME), 'sender.not_joined', member(INVITED, 'ban', ME)],
  [
    within(numbers.BAN, 2),
    member(MOD, 'ban', ME),
    'membership.target_level',
    member(MOD, 'ban', ME, users({ [ME]: 50 })),
  ],
  [within(numbers.BAN, 3), member(MOD, 'ban', STRANGER), 'membership.ban_level', member(ME, 'ban', STRANGER)],
  [within(numbers.KNOCK, 1), knock(STRANGER), 'membership.knock_rule', knock(STRANGER, 'public')],
  [within(numbers.KNOCK, 2), knock(STRANGER), 'membership.knock_other', knock(ME, 'knock', STRANGER)],
  [within(numbers.KNOCK, 3), knock(KNOCKING), 'membership.banned', knock(BANNED)],
  [within(numbers.KNOCK, 4), knock(STRANGER), 'membership.already_joined', knock(ME)],
  [numbers.UNKNOWN_MEMBERSHIP, member(ME, 'leave'), 'membership.unknown', member(ME, 'lurk')],
  [numbers.NOT_JOINED, message, 'sender.not_joined', (r) => message(r, INVITED)],
  [
    within(numbers.THIRD_PARTY_INVITE, 1),
    (r) => r.event('m.room.third_party_invite', ME, {}, 'abc'),
    'third_party_invite.level',
    (r) => r.powerLevels({ invite: 1 }).event('m.room.third_party_invite', ME, {}, 'abc'),
  ],
  [
    numbers.REQUIRED_LEVEL,
    (r) => r.event('m.room.topic', MOD, {}, ''),
    'sender.level',
    (r) => r.event('m.room.topic', ME, {}, ''),
  ],
  [
    numbers.STATE_KEY,
    (r) => r.event('org.example', MOD, {}, MOD),
    'state_key.user',
    (r) => r.event('org.example', MOD, {}, ME),
  ],
  [within(numbers.POWER_LEVELS, { 10: '1' }), levels({ ban: 60 }), 'power_levels.integer', levels({ ban: '60' })],
  [
    within(numbers.POWER_LEVELS, { 10: '2' }),
    levels({ notifications: { room: 1 } }),
    'power_levels.entries',
    levels({ notifications: { room: '1' } }),
  ],
  [LEVEL_RULES('1', '3', '3'), levels({ users: { [ME]: 1 } }), 'power_levels.users', levels({ users: { [ME]: {} } })],
  [
    within(numbers.POWER_LEVELS, { 12: '4' }),
    levels({ users: { [ME]: 1 } }),
    'power_levels.creator_listed',
    levels({ users: { [CREATOR]: 1 } }),
  ],
  [
    LEVEL_RULES('2', '4', '5'),
    firstLevels({ ban: 1_000 }),
    'power_levels.users',
    firstLevels({ users: { [ME]: 'high' } }),
  ],
  [
    LEVEL_RULES('3.1', '5.1', '6.1'),
    levels({ ban: 40 }, { ban: 50 }),
    'power_levels.current_level',
    levels({ ban: 40 }, { ban: 51 }),
  ],
  [
    LEVEL_RULES('3.2', '5.2', '6.2'),
    levels({ kick: 50 }, { kick: 40 }),
    'power_levels.new_level',
    levels({ kick: 51 }, { kick: 40 }),
  ],
  [
    LEVEL_RULES('4.1', '6.1', '7.1'),
    levels(events({}), events({ a: 50 })),
    'power_levels.events_current',
    levels(events({}), events({ a: 51 })),
  ],
  [
    LEVEL_RULES('5.1', '7.1', '8.1'),
    levels(events({ a: 50 }), events({})),
    'power_levels.events_new',
    levels(events({ a: 51 }), events({})),
  ],
  [
    LEVEL_RULES('6.1', '8.1', '9.1'),
    levels(users({}), users({ [ME]: 49 })),
    'power_levels.user_current',
    levels(users({}), users({ [ME]: 50 })),
  ],
  [
    LEVEL_RULES('7.1', '9.1', '10.1'),
    levels(users({ [ME]: 50 }), users({})),
    'power_levels.user_new',
    levels(users({ [ME]: 51 }), users({})),
  ],
  [LEVEL_RULES('8', '10', '11'), levels({}, {}), 'power_levels.new_level', levels({ redact: 51 }, {})],
  [within(numbers.REDACTION, 1), redacts(MOD, '$x:b.test'), 'redaction.level', redacts(ME, '$x:b.test')],
  [within(numbers.REDACTION, 2), redacts(ME, '$x:a.test'), 'redaction.level', redacts(ME, '$x:b.test')],
  [within(numbers.REDACTION, 3), redacts(MOD, '$x'), 'redaction.level', redacts(ME, '$x')],
  [
    numbers.OTHERWISE,
    (r) => r.event('org.example', MOD, {}, 'any'),
    'sender.level',
    (r) => r.event('org.example', ME, {}, 'any'),
  ],
];

function judged(version: string, make: Judged): string {
  const room = new RoomState(version);
  const made = make(room);
  return outcome('allowed' in made ? made : authorize(room.rules, made, room));
}

describe('authorization rules by their numbers', () => {
  for (const [of, allowed, refusal, refusedEvent] of RULES) {
    const versions = ALL.filter((version) => numberIn(of, version) !== undefined);
    const [first, last] = [versions[0]!, versions.at(-1)!];
    const title = [...new Set(versions.map((version) => numberIn(of, version)))].join(', ');
    it(`${title} (versions ${first} to ${last}) lets pass, and refuses: ${refusal}`, () => {
      for (const version of versions) {
        const number = `rule ${numberIn(of, version)} of version ${version}`;
        assert.equal(judged(version, allowed), 'allowed', number);
        assert.equal(judged(version, refusedEvent), refusal, number);
      }
    });
  }

  for (const version of ALL) {
    it(`are all there in version ${version}, with none left out`, () => {
      const all = new Set<string>();
      for (const [of] of RULES) {
        const parts = numberIn(of, version)?.split('.') ?? [];
        for (let length = 1; length <= parts.length; length++) all.add(parts.slice(0, length).join('.'));
      }
      for (const number of all) {
        const at = number.lastIndexOf('.') + 1;
        const last = Number(number.slice(at));
        if (last > 1) assert.ok(all.has(`${number.slice(0, at)}${last - 1}`), `before ${number} one is missing`);
      }
      assert.ok(all.has(numberIn(numbers.OTHERWISE, version)!));
    });
  }
});
