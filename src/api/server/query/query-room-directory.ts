import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts';
import type { RoomAliases } from '../../../services/rooms/room-aliases.ts';

/** `GET /_matrix/federation/v1/query/directory` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1querydirectory */
export const queryRoomDirectory = endpoint({
  name: 'queryRoomDirectory',
  summary: 'The room that an alias of this server stands for',
  method: 'get',
  paths: ['/_matrix/federation/v1/query/directory'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ room_alias: Type.String() }),
  handle({ query }, { roomAliases }: { roomAliases: RoomAliases }) {
    if (!isRoomAlias(query.room_alias)) throw invalidParam('"room_alias" is no room alias');
    return roomAliases.findOwn(query.room_alias);
  },
});
