import type { JsonObject } from '../../../src/protocol/json.ts';
import { signJson } from '../../../src/protocol/signing/sign-json.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { ALL, type Case, judgeAll } from './judge.ts';
import { BANNED, MEMBER, PEER, type RoomState, STRANGER } from './room-state.ts';

const KEY = signingKeyFromSeed(new Uint8Array(32).fill(1), '1');
const OTHER_KEY = signingKeyFromSeed(new Uint8Array(32).fill(2), '1');

/** MEMBER invited an address, and the identity server says that it belongs to `mxid`. */
function invited(
  room: RoomState,
  options: { target?: string; signed?: JsonObject; key?: typeof KEY; content?: JsonObject } = {},
) {
  const target = options.target ?? STRANGER;
  const signed = options.signed ?? { mxid: target, token: 'abc' };
  signJson(signed, 'identity.test', options.key ?? KEY);
  room.set('m.room.third_party_invite', 'abc', MEMBER, options.content ?? { public_key: KEY.publicKey });
  return room.membership(MEMBER, 'invite', target, { third_party_invite: { display_name: 's', signed } });
}

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');

const CASES: Case[] = [
  ['the user to whom the address belongs', ALL, 'allowed', (room) => invited(room)],
  [
    'a key of the list',
    ALL,
    'allowed',
    (room) =>
      invited(room, { content: { public_key: OTHER_KEY.publicKey, public_keys: [{ public_key: KEY.publicKey }] } }),
  ],
  [
    'a key in URL-safe base64',
    ALL,
    'allowed',
    (room) => invited(room, { content: { public_key: urlSafe(KEY.publicKey) } }),
  ],
  ['a banned user', ALL, 'membership.target_banned', (room) => invited(room, { target: BANNED })],
  [
    'what is not signed',
    ALL,
    'third_party_invite.signed',
    (room) => {
      const event = invited(room);
      event.pdu.content['third_party_invite'] = {};
      return event;
    },
  ],
  ['what names no user', ALL, 'third_party_invite.form', (room) => invited(room, { signed: { token: 'abc' } })],
  ['what names no token', ALL, 'third_party_invite.form', (room) => invited(room, { signed: { mxid: STRANGER } })],
  [
    'what is for another user',
    ALL,
    'third_party_invite.mxid',
    (room) => invited(room, { signed: { mxid: PEER, token: 'abc' } }),
  ],
  [
    'a token that nobody gave',
    ALL,
    'third_party_invite.unknown',
    (room) => invited(room, { signed: { mxid: STRANGER, token: 'other' } }),
  ],
  [
    'an invite that another user made',
    ALL,
    'third_party_invite.sender',
    (room) => {
      const event = invited(room);
      room.set('m.room.third_party_invite', 'abc', PEER, { public_key: KEY.publicKey });
      return event;
    },
  ],
  ['a signature with another key', ALL, 'third_party_invite.signature', (room) => invited(room, { key: OTHER_KEY })],
  [
    'what was changed after it was signed',
    ALL,
    'third_party_invite.signature',
    (room) => {
      const signed: JsonObject = { mxid: STRANGER, token: 'abc' };
      const event = invited(room, { signed });
      signed['extra'] = 1;
      return event;
    },
  ],
  ['an invite event without key', ALL, 'third_party_invite.signature', (room) => invited(room, { content: {} })],
  [
    'so many keys that checking them would take seconds',
    ['12'],
    'third_party_invite.signature',
    (room) => {
      const keys = Array.from(
        { length: 257 },
        (_, index) =>
          signingKeyFromSeed(
            new Uint8Array(32)
              .fill(3)
              .fill(index, 0, 2)
              .fill(index >> 8, 1, 2),
            '1',
          ).publicKey,
      );
      return invited(room, {
        content: { public_keys: [...keys, KEY.publicKey].map((public_key) => ({ public_key })) },
      });
    },
  ],
];

describe('authorization of invites that come from third-party invites', () => judgeAll(CASES));
