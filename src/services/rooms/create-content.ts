import { badJson } from '../../protocol/errors.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { type JsonObject, type JsonValue, setOwn } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { type CreateRoomRequest, presetOf } from './create-room-request.ts';

/**
 * The content of `m.room.create`: what the client gives, with what is not its to decide. Where creators stand above
 * power levels, a trusted private chat has everybody who is invited as a creator.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#mroomcreate
 * @throws M_BAD_JSON if `additional_creators` is not a list of user ids
 */
export function createContent(request: CreateRoomRequest, rules: RoomVersionRules, creator: string): JsonObject {
  const given = request.creation_content ?? {};
  const content: JsonObject = {};
  for (const key of Object.keys(given)) {
    if (key !== 'creator' && key !== 'room_version') setOwn(content, key, given[key]);
  }
  content['room_version'] = rules.version;
  if (!rules.implicitRoomCreator) content['creator'] = creator;
  if (rules.privilegedCreators) {
    const trusted = presetOf(request) === 'trusted_private_chat' ? (request.invite ?? []) : [];
    const creators = new Set([...userIds(given['additional_creators']), ...trusted]);
    creators.delete(creator);
    delete content['additional_creators'];
    if (creators.size > 0) content['additional_creators'] = [...creators];
  }
  return content;
}

function userIds(value: JsonValue | undefined): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isUserId)) return value;
  throw badJson('creation_content.additional_creators is not a list of user ids');
}
