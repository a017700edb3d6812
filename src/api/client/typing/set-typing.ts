import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { forbidden } from '../../../protocol/errors.ts';
import type { Typing } from '../../../services/typing/typing.ts';

/** `PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidtypinguserid */
export const setTyping = endpoint({
  name: 'setTyping',
  summary: 'The user has begun to type, goes on, or has stopped',
  method: 'put',
  paths: ['/_matrix/client/r0/rooms/{roomId}/typing/{userId}', '/_matrix/client/v3/rooms/{roomId}/typing/{userId}'],
  auth: 'accessToken',
  rateLimit: 'ephemeral',
  allow: { guests: true },
  body: Type.Object({ typing: Type.Boolean(), timeout: Type.Optional(Type.Integer({ minimum: 0 })) }),
  async handle({ params, body, requester }, { typing }: { typing: Typing }) {
    if (requester.userId !== params.userId) throw forbidden('You cannot type for others');
    await typing.set(params.userId, params.roomId, body.typing, body.timeout);
    return {};
  },
});
