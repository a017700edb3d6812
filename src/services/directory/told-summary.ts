import { stringIn } from '../../protocol/events/content-readers.ts';
import { isRoomAlias } from '../../protocol/identifiers/room-alias.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { isJsonObject, type JsonValue } from '../../protocol/json.ts';
import type { RoomSummary } from './room-summary.ts';

/** Texts that are taken as they are; clients know what they mean. */
const TEXTS = ['name', 'topic', 'avatar_url', 'room_type', 'room_version', 'encryption'] as const;
const MAX_ALLOWED_ROOMS = 100;

/**
 * The summary of a room as another server tells it. Undefined if it names no room; what is of the wrong type is left
 * out, or the cautious value is taken.
 */
export function toldSummary(told: JsonValue | undefined): RoomSummary | undefined {
  if (!isJsonObject(told) || !isRoomId(told['room_id'])) return undefined;
  const members = told['num_joined_members'];
  const alias = told['canonical_alias'];
  const allowed = told['allowed_room_ids'];
  return {
    room_id: told['room_id'],
    num_joined_members: Number.isSafeInteger(members) ? Math.max(0, Number(members)) : 0,
    world_readable: told['world_readable'] === true,
    guest_can_join: told['guest_can_join'] === true,
    join_rule: stringIn(told, 'join_rule') ?? 'public',
    ...Object.fromEntries(
      TEXTS.flatMap((name) => {
        const value = stringIn(told, name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(isRoomAlias(alias) ? { canonical_alias: alias } : {}),
    ...(Array.isArray(allowed) ? { allowed_room_ids: allowed.filter(isRoomId).slice(0, MAX_ALLOWED_ROOMS) } : {}),
  };
}
