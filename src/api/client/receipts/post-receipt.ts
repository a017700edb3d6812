import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonValue } from '../../../http/schemas.ts';
import type { Receipts } from '../../../services/receipts/receipts.ts';

/** `POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid */
export const postReceipt = endpoint({
  name: 'postReceipt',
  summary: 'The user has read up to an event',
  method: 'post',
  paths: [
    '/_matrix/client/r0/rooms/{roomId}/receipt/{receiptType}/{eventId}',
    '/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}',
  ],
  auth: 'accessToken',
  rateLimit: 'ephemeral',
  allow: { guests: true, suspended: true },
  // What thread_id is wrong about is M_INVALID_PARAM, whatever its type.
  body: Type.Object({ thread_id: Type.Optional(jsonValue) }),
  async handle({ params, body, requester }, { receipts }: { receipts: Receipts }) {
    await receipts.send(requester.userId, params.roomId, params.receiptType, params.eventId, body.thread_id);
    return {};
  },
});
