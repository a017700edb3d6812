import assert from 'node:assert/strict';
import { memberPrototype, readMemberTemplate } from '../../../src/protocol/events/member-template.ts';
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';

const rules = roomVersion('11')!;
const PREV = `$${'p'.repeat(43)}`;
const AUTH = `$${'a'.repeat(43)}`;

const wished = { roomId: '!room:a.example', userId: '@u:b.example', membership: 'join' } as const;

const template = (changes: JsonObject = {}): JsonObject => ({
  type: 'm.room.member',
  room_id: wished.roomId,
  sender: wished.userId,
  state_key: wished.userId,
  content: { membership: 'join' },
  depth: 7,
  prev_events: [PREV],
  auth_events: [AUTH],
  ...changes,
});

describe('A template of a membership', () => {
  it('gives its place in the room and nothing else', () => {
    const read = readMemberTemplate(
      template({ content: { membership: 'join', displayname: 'Mallory', x: 1 } }),
      wished,
      rules,
    );
    assert.deepEqual(read, { prevEvents: [PREV], authEvents: [AUTH], depth: 7, voucher: undefined });
    const built = memberPrototype(read!, wished, { membership: 'join', displayname: 'U' }, 5);
    assert.deepEqual(built.content, { membership: 'join', displayname: 'U' });
    assert.equal(built.origin_server_ts, 5);
  });

  it('names who lets the user in', () => {
    const content = { membership: 'join', join_authorised_via_users_server: '@voucher:a.example' };
    assert.equal(readMemberTemplate(template({ content }), wished, rules)?.voucher, '@voucher:a.example');
  });

  it('names events by id and hash where servers choose ids', () => {
    const prev = ['$prev:a.example', { sha256: 'hash' }];
    const old = template({ prev_events: [prev], auth_events: [['$auth:b.example', { sha256: 'hash' }]] });
    assert.deepEqual(readMemberTemplate(old, wished, roomVersion('2')!)?.prevEvents, [prev]);
    assert.equal(readMemberTemplate(template(), wished, roomVersion('1')!), undefined);
    assert.equal(readMemberTemplate(old, wished, roomVersion('3')!), undefined);
  });

  const wrong: [string, JsonValue | undefined][] = [
    ['is absent', undefined],
    ['is a list', []],
    ['is of another type', template({ type: 'm.room.power_levels' })],
    ['is of another room', template({ room_id: '!other:a.example' })],
    ['has another sender', template({ sender: '@v:b.example' })],
    ['is for another user', template({ state_key: '@v:b.example' })],
    ['has another membership', template({ content: { membership: 'leave' } })],
    ['has no content', template({ content: null })],
    ['follows no event', template({ prev_events: [] })],
    [
      'follows too many events',
      template({ prev_events: Array.from({ length: 21 }, (_, i) => `$${i}`.padEnd(44, 'x')) }),
    ],
    ['follows what is no event', template({ prev_events: [[PREV, {}]] })],
    ['has no auth events', template({ auth_events: {} })],
    ['has a depth that is none', template({ depth: -1 })],
    ['has a depth with a fraction', template({ depth: 1.5 })],
    [
      'is vouched for by nobody',
      template({ content: { membership: 'join', join_authorised_via_users_server: 'a.example' } }),
    ],
  ];
  for (const [what, event] of wrong) {
    it(`is not to be signed if it ${what}`, () => assert.equal(readMemberTemplate(event, wished, rules), undefined));
  }
});
