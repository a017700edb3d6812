import { badJson } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject, setOwn } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { addBroadcastLevels, BROADCAST, POSTERS } from './broadcast.ts';
import { type CreateRoomRequest, presetOf } from './create-room-request.ts';

/**
 * The power levels of a new room: moderators at 50 run it, whoever is at 100 owns it. Creators who stand above all
 * levels are not listed, and only they can replace such a room by another.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels
 * @param creators those of the create event, if they stand above all levels
 * @throws M_BAD_JSON if the request gives a level to one of them
 */
export function initialPowerLevels(
  request: CreateRoomRequest,
  rules: RoomVersionRules,
  creator: string,
  creators: readonly string[],
): JsonObject {
  const users: JsonObject = {};
  if (!rules.privilegedCreators) {
    setOwn(users, creator, 100);
    if (presetOf(request) === 'trusted_private_chat') for (const id of request.invite ?? []) setOwn(users, id, 100);
  }
  const content: JsonObject = {
    users,
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.history_visibility': 100,
      'm.room.power_levels': 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
      'm.room.tombstone': rules.privilegedCreators ? 150 : 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    // In a private room everybody may bring somebody; into a public one people come by themselves.
    invite: presetOf(request) === 'public_chat' ? 50 : 0,
  };
  if (presetOf(request) === BROADCAST) addBroadcastLevels(content, request[POSTERS] ?? [], [creator, ...creators]);
  const override = request.power_level_content_override ?? {};
  refuseCreators(override, creators);
  for (const key of Object.keys(override)) setOwn(content, key, override[key]);
  return content;
}

function refuseCreators(override: JsonObject, creators: readonly string[]): void {
  const { users } = override;
  const listed = isJsonObject(users) ? creators.find((id) => Object.hasOwn(users, id)) : undefined;
  if (listed !== undefined) {
    throw badJson(`power_level_content_override.users: ${listed} creates the room and stands above all power levels`);
  }
}
