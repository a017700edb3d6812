import assert from 'node:assert/strict';
import { authorize, type Candidate } from '../../../src/protocol/authorization/authorize.ts';
import type { Verdict } from '../../../src/protocol/authorization/verdict.ts';
import { RoomState } from './room-state.ts';

/** `allowed`, or the name of the rule that refuses. */
export function outcome(verdict: Verdict): string {
  return verdict.allowed ? 'allowed' : verdict.rule;
}

/** What the event is in words, the room versions, the outcome, and how to make room and event. */
export type Case = readonly [
  title: string,
  versions: readonly string[],
  expected: string,
  make: (room: RoomState) => Candidate,
];

export const ALL = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'];
export const since = (version: number): string[] => ALL.slice(version - 1);
export const until = (version: number): string[] => ALL.slice(0, version);

/** One test for every case, in each of its room versions. */
export function judgeAll(cases: readonly Case[]): void {
  for (const [title, versions, expected, make] of cases) {
    it(`${expected === 'allowed' ? 'allows' : 'refuses'} ${title}`, () => {
      for (const version of versions) {
        const room = new RoomState(version);
        const event = make(room);
        assert.equal(outcome(authorize(room.rules, event, room)), expected, `room version ${version}`);
      }
    });
  }
}
