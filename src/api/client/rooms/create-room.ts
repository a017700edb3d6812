import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { BROADCAST, POSTERS } from '../../../services/rooms/broadcast.ts';
import type { RoomCreation } from '../../../services/rooms/room-creation.ts';

const stateEvent = Type.Object({
  type: Type.String(),
  state_key: Type.Optional(Type.String()),
  content: jsonObject,
});

/** `POST /_matrix/client/v3/createRoom` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom */
export const createRoom = endpoint({
  name: 'createRoom',
  summary: 'Makes a room',
  method: 'post',
  paths: ['/_matrix/client/r0/createRoom', '/_matrix/client/v3/createRoom'],
  auth: 'accessToken',
  rateLimit: 'roomCreation',
  body: Type.Object({
    visibility: Type.Optional(Type.Enum(['public', 'private'])),
    room_alias_name: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    topic: Type.Optional(Type.String()),
    invite: Type.Optional(Type.Array(Type.String())),
    invite_3pid: Type.Optional(Type.Array(jsonObject)),
    room_version: Type.Optional(Type.String()),
    creation_content: Type.Optional(jsonObject),
    initial_state: Type.Optional(Type.Array(stateEvent)),
    preset: Type.Optional(Type.Enum(['private_chat', 'public_chat', 'trusted_private_chat', BROADCAST])),
    is_direct: Type.Optional(Type.Boolean()),
    power_level_content_override: Type.Optional(jsonObject),
    [POSTERS]: Type.Optional(Type.Array(Type.String())),
  }),
  async handle({ body, requester }, { roomCreation }: { roomCreation: RoomCreation }) {
    return { room_id: await roomCreation.create(requester, body) };
  },
});
