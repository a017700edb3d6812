import assert from 'node:assert/strict';
import type { HistoryVisibility } from '../../../src/protocol/events/content-readers.ts';
import { mayServerSee, mayUserSee } from '../../../src/protocol/visibility/history-visibility.ts';

type Row = [visibility: HistoryVisibility, membership: string | undefined, joinedLater: boolean, visible: boolean];

const ROWS: Row[] = [
  ['world_readable', undefined, false, true],
  ['world_readable', 'ban', false, true],
  ['shared', 'join', false, true],
  ['shared', undefined, true, true],
  ['shared', undefined, false, false],
  ['shared', 'leave', false, false],
  ['shared', 'leave', true, true],
  ['shared', 'ban', true, true],
  ['shared', 'invite', false, false],
  ['shared', 'invite', true, true],
  ['shared', 'knock', false, false],
  ['invited', 'join', false, true],
  ['invited', 'invite', false, true],
  ['invited', 'invite', true, true],
  ['invited', undefined, true, false],
  ['invited', 'knock', true, false],
  ['joined', 'join', false, true],
  ['joined', 'invite', true, false],
  ['joined', undefined, true, false],
  ['joined', 'leave', true, false],
];

describe('history visibility for users', () => {
  for (const [visibility, membership, joinedLater, visible] of ROWS) {
    const who = `a user with membership ${membership ?? 'none'} who ${joinedLater ? 'joined later' : 'never joined later'}`;
    it(`${visible ? 'shows' : 'hides'} what is ${visibility} ${visible ? 'to' : 'from'} ${who}`, () => {
      assert.equal(mayUserSee({ visibility, membership, joinedLater }), visible);
    });
  }

  const CHANGES: [HistoryVisibility, HistoryVisibility, boolean][] = [
    ['world_readable', 'joined', true],
    ['joined', 'world_readable', true],
    ['joined', 'shared', false],
  ];
  for (const [visibility, visibilityAfter, visible] of CHANGES) {
    it(`${visible ? 'shows' : 'hides'} a change from ${visibility} to ${visibilityAfter} to a stranger`, () => {
      assert.equal(mayUserSee({ visibility, visibilityAfter, membership: undefined, joinedLater: false }), visible);
    });
  }

  const OWN: [string | undefined, string, boolean][] = [
    [undefined, 'join', true],
    ['join', 'leave', true],
    ['join', 'ban', true],
    ['invite', 'leave', false],
    [undefined, 'invite', false],
  ];
  for (const [membership, membershipAfter, visible] of OWN) {
    it(`${visible ? 'shows' : 'hides'} the user's own step from ${membership ?? 'none'} to ${membershipAfter}`, () => {
      assert.equal(mayUserSee({ visibility: 'joined', membership, membershipAfter, joinedLater: false }), visible);
    });
  }

  it("shows the user's own invite where invited users may see", () => {
    const facts = {
      visibility: 'invited',
      membership: undefined,
      membershipAfter: 'invite',
      joinedLater: false,
    } as const;
    assert.equal(mayUserSee(facts), true);
  });
});

describe('history visibility for servers', () => {
  const SERVERS: [HistoryVisibility, string[], boolean][] = [
    ['world_readable', [], true],
    ['shared', [], true],
    ['invited', ['invite'], true],
    ['invited', ['leave'], false],
    ['joined', ['invite'], false],
    ['joined', ['leave', 'join'], true],
  ];
  for (const [visibility, memberships, visible] of SERVERS) {
    it(`${visible ? 'gives' : 'denies'} what is ${visibility} to one with ${memberships.join(' and ') || 'no'} users`, () => {
      assert.equal(mayServerSee({ visibility, memberships }), visible);
    });
  }

  it('gives an event that opens the history', () => {
    assert.equal(mayServerSee({ visibility: 'joined', visibilityAfter: 'shared', memberships: [] }), true);
  });
});
