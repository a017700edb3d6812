import {
  guestsCanJoin,
  historyVisibilityIn,
  joinRuleIn,
  roomTypeIn,
  roomVersionIn,
  stringIn,
} from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

/** What people see of a room before they join it. */
export interface RoomSummary {
  readonly room_id: string;
  readonly num_joined_members: number;
  readonly world_readable: boolean;
  readonly guest_can_join: boolean;
  readonly join_rule: string;
  readonly name?: string;
  readonly topic?: string;
  readonly avatar_url?: string;
  readonly canonical_alias?: string;
  readonly room_type?: string;
  readonly room_version?: string;
  readonly encryption?: string;
  readonly allowed_room_ids?: readonly string[];
}

/** The state, all with an empty state key, that a summary is made of. */
export const SUMMARY_TYPES: readonly string[] = [
  'm.room.create',
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.encryption',
];

/** Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1room_summaryroomidoralias */
export function summarize(
  roomId: string,
  joinedCount: number,
  content: (type: string) => JsonObject | undefined,
): RoomSummary {
  const create = content('m.room.create');
  const joinRules = content('m.room.join_rules');
  return {
    room_id: roomId,
    num_joined_members: joinedCount,
    world_readable: historyVisibilityIn(content('m.room.history_visibility')) === 'world_readable',
    guest_can_join: guestsCanJoin(content('m.room.guest_access')),
    join_rule: joinRuleIn(joinRules),
    room_version: roomVersionIn(create),
    ...text('name', content('m.room.name'), 'name'),
    ...text('topic', content('m.room.topic'), 'topic'),
    ...text('avatar_url', content('m.room.avatar'), 'url'),
    ...text('canonical_alias', content('m.room.canonical_alias'), 'alias'),
    ...text('encryption', content('m.room.encryption'), 'algorithm'),
    ...(roomTypeIn(create) === undefined ? {} : { room_type: roomTypeIn(create)! }),
    ...allowed(joinRules),
  };
}

function text<K extends string>(name: K, content: JsonObject | undefined, key: string): { readonly [P in K]?: string } {
  const value = stringIn(content, key);
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [P in K]: string });
}

/** The rooms whose members a restricted room lets in. */
function allowed(joinRules: JsonObject | undefined): { allowed_room_ids?: string[] } {
  const rule = joinRuleIn(joinRules);
  const allow = joinRules?.['allow'];
  if ((rule !== 'restricted' && rule !== 'knock_restricted') || !Array.isArray(allow)) return {};
  const ids = allow.flatMap((condition) => {
    const roomId = isJsonObject(condition) ? stringIn(condition, 'room_id') : undefined;
    return roomId === undefined ? [] : [roomId];
  });
  return { allowed_room_ids: ids };
}
