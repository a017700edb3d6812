import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { forbidden } from '../../../protocol/errors.ts';
import type { Presence } from '../../../services/presence/presence.ts';

/** As long as a status that people read ever is. */
const MAX_STATUS_LENGTH = 1024;

/** `PUT /_matrix/client/v3/presence/{userId}/status` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3presenceuseridstatus */
export const setPresence = endpoint({
  name: 'setPresence',
  summary: 'The user says whether they are about',
  method: 'put',
  paths: ['/_matrix/client/r0/presence/{userId}/status', '/_matrix/client/v3/presence/{userId}/status'],
  auth: 'accessToken',
  rateLimit: 'ephemeral',
  allow: { guests: true },
  body: Type.Object({
    presence: Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Literal('unavailable')]),
    status_msg: Type.Optional(Type.Union([Type.String({ maxLength: MAX_STATUS_LENGTH }), Type.Null()])),
  }),
  handle({ params, body, requester }, { presence }: { presence: Presence }) {
    if (requester.userId !== params.userId) throw forbidden('You can only set your own presence');
    presence.set(params.userId, requester.deviceId, body.presence, body.status_msg ?? undefined);
    return {};
  },
});
