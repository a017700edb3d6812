import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { PastEvents } from '../../../services/retrieval/past-events.ts';
import type { PduTransactions } from '../../../services/retrieval/pdu-transactions.ts';

/** `GET /_matrix/federation/v1/backfill/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1backfillroomid */
export const backfillRoom = endpoint({
  name: 'backfillRoom',
  summary: 'Events of a room and those before them',
  method: 'get',
  paths: ['/_matrix/federation/v1/backfill/{roomId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ v: Type.Array(Type.String(), { minItems: 1 }), limit: Type.Integer() }),
  async handle(
    { params, query, requester },
    { pastEvents, pduTransactions }: { pastEvents: PastEvents; pduTransactions: PduTransactions },
  ) {
    const pdus = await pastEvents.backfill(requester.serverName, params.roomId, query.v, query.limit);
    return jsonText(pduTransactions.of(pdus));
  },
});
