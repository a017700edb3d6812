import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonOfArrays } from '../../../http/reply.ts';
import type { StateAtEvents } from '../../../services/retrieval/state-at-events.ts';

/** `GET /_matrix/federation/v1/state/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1stateroomid */
export const getRoomState = endpoint({
  name: 'getRoomState',
  summary: 'The state of a room before an event, and its auth chain',
  method: 'get',
  paths: ['/_matrix/federation/v1/state/{roomId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ event_id: Type.String() }),
  async handle({ params, query, requester }, { stateAtEvents }: { stateAtEvents: StateAtEvents }) {
    const found = await stateAtEvents.before(requester.serverName, params.roomId, query.event_id);
    return jsonOfArrays({
      pdus: stateAtEvents.texts(found.state),
      auth_chain: stateAtEvents.texts(found.authChain),
    });
  },
});
