/**
 * What the conditions of a rule mean.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#conditions-1
 */
import { compileGlob, compileWordGlob, compileWords } from '../glob.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { parsePropertyPath, propertyAt } from '../property-path.ts';

/** An event as clients see it; any further keys may be there for conditions to look at. */
export interface PushEvent extends JsonObject {
  type: string;
  sender: string;
  room_id: string;
  content: JsonObject;
  state_key?: string;
}

/** What conditions ask beside the event, about the room before it. */
export interface PushContext {
  /** Whose rules these are. */
  readonly userId: string;
  /** Their display name in the room. */
  readonly displayName?: string;
  /** Joined members. */
  readonly memberCount: number;
  readonly senderPowerLevel: number;
  /** What notifying the room takes, by key, as `PowerLevels.notificationLevel` tells. */
  notificationLevel(key: string): number;
}

export type Matcher = (event: PushEvent, context: PushContext) => boolean;

const NEVER: Matcher = () => false;

const compiled = new WeakMap<JsonObject, Matcher>();

/** The condition as a function, compiled once for each object. Conditions that nobody knows never match. */
export function compileCondition(condition: JsonObject): Matcher {
  const known = compiled.get(condition);
  if (known) return known;
  const matcher = compile(condition);
  compiled.set(condition, matcher);
  return matcher;
}

function compile(condition: JsonObject): Matcher {
  switch (condition['kind']) {
    case 'event_match':
      return eventMatch(condition['key'], condition['pattern']);
    case 'event_property_is':
      return eventPropertyIs(condition['key'], condition['value']);
    case 'event_property_contains':
      return eventPropertyContains(condition['key'], condition['value']);
    case 'contains_display_name':
      return containsDisplayName;
    case 'room_member_count':
      return roomMemberCount(condition['is']);
    case 'sender_notification_permission':
      return senderNotificationPermission(condition['key']);
    default:
      return NEVER;
  }
}

/** Of the body of a message, words are looked for; any other property has to match as a whole. */
function eventMatch(key: JsonValue | undefined, pattern: JsonValue | undefined): Matcher {
  if (typeof key !== 'string' || typeof pattern !== 'string') return NEVER;
  const path = parsePropertyPath(key);
  const isBody = path.length === 2 && path[0] === 'content' && path[1] === 'body';
  if (isBody) return bodyMatch(pattern);
  const matches = compileGlob(pattern.toLowerCase());
  return (event) => {
    const value = propertyAt(event, path);
    return typeof value === 'string' && matches(value.toLowerCase());
  };
}

/** The condition that `content` rules have without saying so. */
export function bodyMatch(pattern: string): Matcher {
  const matches = compileWordGlob(pattern);
  return ({ content }) => typeof content['body'] === 'string' && matches(content['body']);
}

/** Strings, integers, booleans and null, which are compared without any conversion. */
function isPlain(value: JsonValue | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function eventPropertyIs(key: JsonValue | undefined, expected: JsonValue | undefined): Matcher {
  if (typeof key !== 'string' || !isPlain(expected)) return NEVER;
  const path = parsePropertyPath(key);
  return (event) => propertyAt(event, path) === expected;
}

function eventPropertyContains(key: JsonValue | undefined, expected: JsonValue | undefined): Matcher {
  if (typeof key !== 'string' || expected === undefined || !isPlain(expected)) return NEVER;
  const path = parsePropertyPath(key);
  return (event) => {
    const value = propertyAt(event, path);
    return Array.isArray(value) && value.includes(expected);
  };
}

const containsDisplayName: Matcher = ({ content }, { displayName }) =>
  typeof content['body'] === 'string' && !!displayName && compileWords(displayName)(content['body']);

function roomMemberCount(is: JsonValue | undefined): Matcher {
  const match = typeof is === 'string' ? /^(==|<=|>=|<|>)?([0-9]+)$/.exec(is) : null;
  if (!match) return NEVER;
  const count = Number(match[2]);
  switch (match[1]) {
    case '<':
      return (_event, { memberCount }) => memberCount < count;
    case '>':
      return (_event, { memberCount }) => memberCount > count;
    case '<=':
      return (_event, { memberCount }) => memberCount <= count;
    case '>=':
      return (_event, { memberCount }) => memberCount >= count;
    default:
      return (_event, { memberCount }) => memberCount === count;
  }
}

function senderNotificationPermission(key: JsonValue | undefined): Matcher {
  if (typeof key !== 'string') return NEVER;
  return (_event, context) => context.senderPowerLevel >= context.notificationLevel(key);
}
