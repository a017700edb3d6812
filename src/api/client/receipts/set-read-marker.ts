import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Receipts, ReceiptType } from '../../../services/receipts/receipts.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/read_markers` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidread_markers */
export const setReadMarker = endpoint({
  name: 'setReadMarker',
  summary: 'Moves the read marker of the user, and read receipts with it',
  method: 'post',
  paths: ['/_matrix/client/r0/rooms/{roomId}/read_markers', '/_matrix/client/v3/rooms/{roomId}/read_markers'],
  auth: 'accessToken',
  rateLimit: 'ephemeral',
  allow: { guests: true, suspended: true },
  body: Type.Object({
    'm.fully_read': Type.Optional(Type.String()),
    'm.read': Type.Optional(Type.String()),
    'm.read.private': Type.Optional(Type.String()),
  }),
  async handle({ params, body, requester }, { receipts }: { receipts: Receipts }) {
    const marks = new Map<ReceiptType, string>();
    for (const type of ['m.fully_read', 'm.read', 'm.read.private'] as const) {
      const eventId = body[type];
      if (eventId !== undefined) marks.set(type, eventId);
    }
    await receipts.sendMarkers(requester.userId, params.roomId, marks);
    return {};
  },
});
