/**
 * Rule 10: what a new `m.room.power_levels` event may say and change.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { Pdu, StateView } from '../events/pdu.ts';
import { isUserId } from '../identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { createEventOf, privilegedCreators } from './create-event.ts';
import { LEVEL_DEFAULTS, type LevelName, own, type PowerLevels, parseLevel } from './power-levels.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

const LEVEL_NAMES = Object.keys(LEVEL_DEFAULTS) as LevelName[];

export function authorizePowerLevels(
  rules: RoomVersionRules,
  pdu: Pdu,
  state: StateView,
  levels: PowerLevels,
): Verdict {
  const malformed = checkForm(rules, pdu.content);
  if (malformed) return malformed;
  const creators = privilegedCreators(rules, createEventOf(state));
  const listed = creators.find((creator) => own(pdu.content['users'], creator) !== undefined);
  if (listed !== undefined) {
    return refused('power_levels.creator_listed', `${listed} created the room and cannot be given a power level`);
  }
  const current = state.get('m.room.power_levels', '');
  if (!current) return ALLOWED;
  const change = { rules, old: current.pdu.content, new: pdu.content, senderLevel: levels.userLevel(pdu.sender) };
  return (
    checkNamedLevels(change) ??
    checkEntries(change, 'events') ??
    (rules.limitNotificationsPowerLevels ? checkEntries(change, 'notifications') : undefined) ??
    checkUsers(change, pdu.sender) ??
    ALLOWED
  );
}

interface Change {
  readonly rules: RoomVersionRules;
  readonly old: JsonObject;
  readonly new: JsonObject;
  readonly senderLevel: number;
}

function checkForm(rules: RoomVersionRules, content: JsonObject): Verdict | undefined {
  const isLevel = (value: JsonValue | undefined) => parseLevel(rules, value) !== undefined;
  if (rules.integerPowerLevels) {
    for (const name of LEVEL_NAMES) {
      const value = content[name];
      if (value !== undefined && !isLevel(value)) return refused('power_levels.integer', `${name} is not an integer`);
    }
    for (const name of ['events', 'notifications']) {
      const entries = content[name];
      if (entries === undefined) continue;
      if (!isJsonObject(entries) || !Object.values(entries).every(isLevel)) {
        return refused('power_levels.entries', `${name} is not an object of integers`);
      }
    }
  }
  const users = content['users'];
  if (users === undefined) return undefined;
  if (!isJsonObject(users) || !Object.values(users).every(isLevel)) {
    return refused('power_levels.users', 'users is not an object of power levels');
  }
  const stranger = Object.keys(users).find((id) => !isUserId(id));
  return stranger === undefined ? undefined : refused('power_levels.user_id', `${stranger} is not a user id`);
}

/** The levels before and after, or undefined if the entry stays as it is. An absent level is undefined. */
function alteration(
  change: Change,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): { before: number | undefined; after: number | undefined } | undefined {
  const levels = { before: parseLevel(change.rules, before), after: parseLevel(change.rules, after) };
  return levels.before === levels.after ? undefined : levels;
}

function exceeds(change: Change, level: number | undefined): boolean {
  return level !== undefined && level > change.senderLevel;
}

function checkNamedLevels(change: Change): Verdict | undefined {
  for (const name of LEVEL_NAMES) {
    const altered = alteration(change, change.old[name], change.new[name]);
    if (!altered) continue;
    if (exceeds(change, altered.before))
      return refused('power_levels.current_level', `Your power level is too low to change ${name}`);
    if (exceeds(change, altered.after))
      return refused('power_levels.new_level', `You cannot set ${name} above your own power level`);
  }
  return undefined;
}

function keysOfBoth(before: JsonValue | undefined, after: JsonValue | undefined): Set<string> {
  return new Set([
    ...(isJsonObject(before) ? Object.keys(before) : []),
    ...(isJsonObject(after) ? Object.keys(after) : []),
  ]);
}

function checkEntries(change: Change, name: 'events' | 'notifications'): Verdict | undefined {
  const [before, after] = [change.old[name], change.new[name]];
  for (const key of keysOfBoth(before, after)) {
    const altered = alteration(change, own(before, key), own(after, key));
    if (!altered) continue;
    if (exceeds(change, altered.before)) {
      return refused(`power_levels.${name}_current`, `Your power level is too low to change the level of ${key}`);
    }
    if (exceeds(change, altered.after)) {
      return refused(`power_levels.${name}_new`, `You cannot set the level of ${key} above your own`);
    }
  }
  return undefined;
}

function checkUsers(change: Change, sender: string): Verdict | undefined {
  const [before, after] = [change.old['users'], change.new['users']];
  for (const userId of keysOfBoth(before, after)) {
    const altered = alteration(change, own(before, userId), own(after, userId));
    if (!altered) continue;
    if (userId !== sender && altered.before !== undefined && altered.before >= change.senderLevel) {
      return refused(
        'power_levels.user_current',
        `You cannot change the power level of ${userId}, who is not below you`,
      );
    }
    if (exceeds(change, altered.after)) {
      return refused('power_levels.user_new', `You cannot give ${userId} a power level above your own`);
    }
  }
  return undefined;
}
