import { privilegedCreators } from '../../protocol/authorization/create-event.ts';
import { own, powerLevels } from '../../protocol/authorization/power-levels.ts';
import { isJsonObject, type JsonObject, setOwn, withKey } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import type { Room } from '../timeline/room.ts';
import type { EventDraft } from '../timeline/timeline.ts';

/** State with an empty key that a room takes along, in the order in which it is sent. */
const TAKEN_ALONG: readonly string[] = [
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.encryption',
  'm.room.server_acl',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.canonical_alias',
];

const OF_ONE_ROOM: ReadonlySet<string> = new Set(['room_version', 'creator', 'predecessor', 'additional_creators']);

/** The content of the create event of a room that replaces another. */
export function upgradedCreateContent(
  old: Room,
  rules: RoomVersionRules,
  creator: string,
  additionalCreators: readonly string[],
): JsonObject {
  const before = old.stateEvent('m.room.create', '')?.content ?? {};
  const content: JsonObject = {};
  for (const key of Object.keys(before)) if (!OF_ONE_ROOM.has(key)) setOwn(content, key, before[key]);
  content['room_version'] = rules.version;
  if (!rules.implicitRoomCreator) content['creator'] = creator;
  const others = [...new Set(additionalCreators)].filter((userId) => userId !== creator);
  if (rules.privilegedCreators && others.length > 0) content['additional_creators'] = others;
  // Rooms whose ids are hashes name the old room alone: their tombstone is not built when they are.
  const last = rules.roomIdIsCreateHash ? undefined : old.recent.at(-1);
  content['predecessor'] = { room_id: old.id, ...(last ? { event_id: last.eventId } : {}) };
  return content;
}

/**
 * The power levels of the new room. Its creators stand above them or, in older versions, those of the old room are
 * given the highest level.
 */
export function upgradedPowerLevels(old: Room, rules: RoomVersionRules, creators: readonly string[]): JsonObject {
  const before = old.stateEvent('m.room.power_levels', '')?.content ?? {};
  const users: JsonObject = {};
  const given = before['users'];
  for (const userId of isJsonObject(given) ? Object.keys(given) : []) setOwn(users, userId, own(given, userId));
  if (rules.privilegedCreators) {
    for (const userId of creators) delete users[userId];
    return withTombstoneLevel(withKey(before, 'users', users));
  }
  for (const userId of privilegedCreators(old.rules, old.stateEvent('m.room.create', ''))) setOwn(users, userId, 100);
  return withKey(before, 'users', users);
}

/** Replacing the room is for its creators. */
function withTombstoneLevel(levels: JsonObject): JsonObject {
  const state = levels['state_default'];
  const tombstone = own(levels['events'], 'm.room.tombstone');
  const stateLevel = typeof state === 'number' ? state : 50;
  if (typeof tombstone === 'number' && tombstone > Math.max(stateLevel, 100)) return levels;
  const events = isJsonObject(levels['events']) ? levels['events'] : {};
  return withKey(levels, 'events', withKey(events, 'm.room.tombstone', Math.max(150, stateLevel + 1)));
}

/**
 * The events of the new room after its create event. Where the creator's own level is too low for them, it is raised
 * while they are sent.
 */
export function upgradedEvents(
  old: Room,
  rules: RoomVersionRules,
  creator: string,
  join: JsonObject,
  levels: JsonObject,
): EventDraft[] {
  const drafts: EventDraft[] = [];
  const add = (type: string, content: JsonObject, stateKey = '') =>
    drafts.push({ type, sender: creator, stateKey, content });
  add('m.room.member', join, creator);
  const users = isJsonObject(levels['users']) ? levels['users'] : {};
  const raised = rules.privilegedCreators ? levels : withKey(levels, 'users', withKey(users, creator, highest(old)));
  add('m.room.power_levels', raised);
  for (const type of TAKEN_ALONG) {
    const event = old.stateEvent(type, '');
    if (event) add(type, event.content);
  }
  for (const child of old.stateEventsOfType('m.space.child')) {
    if (Object.keys(child.content).length > 0) add('m.space.child', child.content, child.stateKey);
  }
  add('m.room.power_levels', levels);
  return drafts;
}

/** A level that is enough for everything that was set in the old room. */
function highest(old: Room): number {
  const levels = powerLevels(old.rules, old);
  const needed = [...TAKEN_ALONG, 'm.space.child', 'm.room.power_levels'].map((type) => levels.eventLevel(type, true));
  const users = old.stateEvent('m.room.power_levels', '')?.content['users'];
  const given = isJsonObject(users) ? Object.keys(users).map((userId) => levels.userLevel(userId)) : [];
  return Math.max(100, levels.ban, ...needed, ...given.filter(Number.isFinite));
}
