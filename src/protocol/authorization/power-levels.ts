/**
 * Reads `m.room.power_levels` as the rules of the room version do.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels
 */
import type { Pdu, RoomEvent, StateView } from '../events/pdu.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { createEventOf, isPrivilegedCreator, roomCreator } from './create-event.ts';

/** Levels of actions that stand at the top of the content, with what they are if the event does not say. */
export const LEVEL_DEFAULTS = {
  users_default: 0,
  events_default: 0,
  state_default: 50,
  ban: 50,
  redact: 50,
  kick: 50,
  invite: 0,
} as const;

export type LevelName = keyof typeof LEVEL_DEFAULTS;

const NOTIFICATION_DEFAULT = 50;
const CREATOR_WITHOUT_POWER_LEVELS = 100;
const STRING_LEVEL = /^\s*[+-]?\d+\s*$/;

/**
 * A power level as it counts in this room version, or undefined if the value is none.
 * Strings and fractions count until room version 9.
 */
export function parseLevel(rules: RoomVersionRules, value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (rules.integerPowerLevels) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : undefined;
  if (typeof value !== 'string' || !STRING_LEVEL.test(value)) return undefined;
  const level = Number(value);
  return Number.isFinite(level) ? level : undefined;
}

/** The value at `key`, whatever the key is called: `constructor` and `__proto__` are event types like others. */
export function own(object: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The power levels of a room. Levels are integers; a creator's is `Infinity` from room version 12 on. */
export class PowerLevels {
  readonly #rules: RoomVersionRules;
  readonly #create: RoomEvent | undefined;
  readonly #content: JsonObject | undefined;

  constructor(rules: RoomVersionRules, create: RoomEvent | undefined, event: RoomEvent | undefined) {
    this.#rules = rules;
    this.#create = create;
    this.#content = event?.pdu.content;
  }

  isMadeFrom(rules: RoomVersionRules, create: RoomEvent | undefined): boolean {
    return this.#rules === rules && this.#create?.pdu === create?.pdu;
  }

  userLevel(userId: string): number {
    if (isPrivilegedCreator(this.#rules, this.#create, userId)) return Number.POSITIVE_INFINITY;
    if (this.#content) {
      const level = parseLevel(this.#rules, own(this.#content['users'], userId));
      return level ?? this.level('users_default');
    }
    const isCreator = this.#create !== undefined && roomCreator(this.#rules, this.#create) === userId;
    return isCreator ? CREATOR_WITHOUT_POWER_LEVELS : LEVEL_DEFAULTS.users_default;
  }

  /** What sending an event of this type takes. */
  eventLevel(type: string, isState: boolean): number {
    const level = parseLevel(this.#rules, own(this.#content?.['events'], type));
    return level ?? this.level(isState ? 'state_default' : 'events_default');
  }

  /** What `sender_notification_permission` with this key takes, for instance `room`. */
  notificationLevel(key: string): number {
    return parseLevel(this.#rules, own(this.#content?.['notifications'], key)) ?? NOTIFICATION_DEFAULT;
  }

  /** What the action takes, or the default level of the name. */
  level(name: LevelName): number {
    return parseLevel(this.#rules, this.#content?.[name]) ?? LEVEL_DEFAULTS[name];
  }

  get invite(): number {
    return this.level('invite');
  }
  get kick(): number {
    return this.level('kick');
  }
  get ban(): number {
    return this.level('ban');
  }
  get redact(): number {
    return this.level('redact');
  }
}

const parsed = new WeakMap<Pdu, PowerLevels>();

/** The power levels of the state. Answers for one pair of events are kept as long as their objects live. */
export function powerLevels(rules: RoomVersionRules, state: StateView): PowerLevels {
  return powerLevelsOf(rules, createEventOf(state), state.get('m.room.power_levels', ''));
}

/** The same, from the two events themselves. */
export function powerLevelsOf(
  rules: RoomVersionRules,
  create: RoomEvent | undefined,
  event: RoomEvent | undefined,
): PowerLevels {
  const key = event?.pdu ?? create?.pdu;
  const known = key && parsed.get(key);
  if (known?.isMadeFrom(rules, create)) return known;
  const levels = new PowerLevels(rules, create, event);
  if (key) parsed.set(key, levels);
  return levels;
}
