/**
 * Who comes in and reads, as the state of a room says it to every server: a channel for members is a room by invitation in
 * which nobody reads what was said before they came, also once it is for everybody again.
 */
import { historyVisibilityIn, stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject, withKey } from '../../protocol/json.ts';
import type { Room } from '../../services/timeline/room.ts';
import { BEFORE_MEMBERS, type ViewersMode } from '../rules/channel-state.ts';
import { isForMembers, VISIBILITY_EVENT } from './may-watch.ts';

export const JOIN_RULES_EVENT = 'm.room.join_rules';

export interface Doors {
  /** State to be set, by type. */
  readonly state: readonly (readonly [type: string, content: JsonObject])[];
  /** What the marker of the room says then. */
  readonly marker: JsonObject;
  /** Whether the directory of rooms lists it then. */
  readonly isListed: boolean;
}

/** What has to change so that those may watch whom the streamer wants to. `marker`: with that wish in it. */
export function doorsFor(room: Room, viewers: ViewersMode, marker: JsonObject): Doors {
  return viewers === 'members' ? closed(room, marker) : opened(room, marker);
}

function closed(room: Room, marker: JsonObject): Doors {
  const state: [string, JsonObject][] = [];
  const joinRule = joinRuleOf(room);
  // What its creator has made stricter by other means stays as it is.
  if (isReadable(room)) state.push([VISIBILITY_EVENT, { history_visibility: 'joined' }]);
  if (joinRule === 'public') state.push([JOIN_RULES_EVENT, { join_rule: 'invite' }]);
  const before = { join_rule: joinRule ?? 'invite', listed: room.isPublic };
  const isOpen = joinRule === 'public' || room.isPublic;
  return { state, marker: isOpen ? withKey(marker, BEFORE_MEMBERS, before) : marker, isListed: false };
}

function opened(room: Room, marker: JsonObject): Doors {
  if (!isForMembers(room.decidedState)) return { state: [], marker, isListed: room.isPublic };
  const { [BEFORE_MEMBERS]: known, ...rest } = marker;
  const before = isJsonObject(known) ? known : { join_rule: 'public', listed: room.isPublic };
  const state: [string, JsonObject][] = [];
  if (!isReadable(room)) state.push([VISIBILITY_EVENT, { history_visibility: 'world_readable' }]);
  if (before['join_rule'] === 'public' && joinRuleOf(room) !== 'public') {
    state.push([JOIN_RULES_EVENT, { join_rule: 'public' }]);
  }
  return { state, marker: rest, isListed: before['listed'] === true };
}

function isReadable({ decidedState }: Room): boolean {
  return historyVisibilityIn(decidedState.get(VISIBILITY_EVENT, '')?.content) === 'world_readable';
}

function joinRuleOf({ decidedState }: Room): string | undefined {
  return stringIn(decidedState.get(JOIN_RULES_EVENT, '')?.content, 'join_rule');
}
