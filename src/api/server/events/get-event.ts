import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { PduTransactions } from '../../../services/retrieval/pdu-transactions.ts';
import type { SingleEvents } from '../../../services/retrieval/single-events.ts';

/** `GET /_matrix/federation/v1/event/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1eventeventid */
export const getEvent = endpoint({
  name: 'getEvent',
  summary: 'An event, for a server in its room',
  method: 'get',
  paths: ['/_matrix/federation/v1/event/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  async handle(
    { params, requester },
    { singleEvents, pduTransactions }: { singleEvents: SingleEvents; pduTransactions: PduTransactions },
  ) {
    return jsonText(pduTransactions.of([await singleEvents.event(requester.serverName, params.eventId)]));
  },
});
