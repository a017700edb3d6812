import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonValue } from '../../../http/schemas.ts';
import type { ReceivedTransactions } from '../../../services/transactions/received-transactions.ts';

/** Fifty events, a hundred messages to devices, and what they are wrapped in. */
const MAX_BODY = 16_000_000;

/** `PUT /_matrix/federation/v1/send/{txnId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1sendtxnid */
export const sendTransaction = endpoint({
  name: 'sendTransaction',
  summary: 'Takes in what another server sends: events and messages',
  method: 'put',
  paths: ['/_matrix/federation/v1/send/{txnId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  maxBody: MAX_BODY,
  body: Type.Object({
    pdus: Type.Array(jsonValue, { maxItems: 50 }),
    edus: Type.Optional(Type.Array(jsonValue, { maxItems: 100 })),
  }),
  handle({ params, body, requester }, { receivedTransactions }: { receivedTransactions: ReceivedTransactions }) {
    return receivedTransactions.receive(requester.serverName, params.txnId, { pdus: body.pdus, edus: body.edus ?? [] });
  },
});
