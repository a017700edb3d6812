import assert from 'node:assert/strict';
import {
  DEFAULT_ROOM_VERSION,
  ROOM_VERSIONS,
  roomVersion,
  roomVersionsCapability,
  supportedRoomVersions,
} from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';

type Flag = Exclude<keyof RoomVersionRules, 'version' | 'stability' | 'redaction'>;

/** For each rule, its value in version 1, then each version that changes it. */
const history: Record<Flag, Record<string, string | boolean>> = {
  eventIdFormat: { 1: 'server-chosen', 3: 'hash-base64', 4: 'hash-url-safe' },
  roomIdIsCreateHash: { 1: false, 12: true },
  stateResolution: { 1: 'v1', 2: 'v2', 12: 'v2.1' },
  enforceKeyValidity: { 1: false, 5: true },
  strictCanonicalJson: { 1: false, 6: true },
  strictByteLimits: { 1: false, 11: true },
  integerPowerLevels: { 1: false, 10: true },
  limitNotificationsPowerLevels: { 1: false, 6: true },
  specialCaseAliasesAuth: { 1: true, 6: false },
  specialCaseRedactionAuth: { 1: true, 3: false },
  knockJoinRule: { 1: false, 7: true },
  restrictedJoinRule: { 1: false, 8: true },
  knockRestrictedJoinRule: { 1: false, 10: true },
  implicitRoomCreator: { 1: false, 11: true },
  privilegedCreators: { 1: false, 12: true },
  createEventImpliedInAuthEvents: { 1: false, 12: true },
  strictInviteState: { 1: false, 12: true },
};

describe('room versions', () => {
  it('are known from 1 to 12, each under its own name', () => {
    assert.deepEqual(
      [...supportedRoomVersions().keys()],
      Array.from({ length: 12 }, (_, i) => String(i + 1)),
    );
    for (const [name, rules] of supportedRoomVersions()) assert.equal(rules.version, name);
  });

  for (const name of ['0', '13', '', '__proto__', 'constructor', '1.0', 'org.matrix.msc9999']) {
    it(`have no ${JSON.stringify(name)}`, () => {
      assert.equal(roomVersion(name), undefined);
    });
  }

  for (const [rule, changes] of Object.entries(history)) {
    it(`change ${rule} when the specification does`, () => {
      let expected: string | boolean | undefined;
      for (const [name, rules] of supportedRoomVersions()) {
        expected = changes[name] ?? expected;
        assert.equal(rules[rule as Flag], expected, `version ${name}`);
      }
    });
  }

  it('are all offered', () => {
    assert.deepEqual(ROOM_VERSIONS, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
    assert.deepEqual(roomVersionsCapability('12'), {
      default: '12',
      available: Object.fromEntries(ROOM_VERSIONS.map((version) => [version, 'stable'])),
    });
    assert.ok(ROOM_VERSIONS.includes(DEFAULT_ROOM_VERSION));
  });
});
