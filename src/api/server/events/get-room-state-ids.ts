import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { StateAtEvents } from '../../../services/retrieval/state-at-events.ts';

/** `GET /_matrix/federation/v1/state_ids/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1state_idsroomid */
export const getRoomStateIds = endpoint({
  name: 'getRoomStateIds',
  summary: 'The ids of the state of a room before an event, and of its auth chain',
  method: 'get',
  paths: ['/_matrix/federation/v1/state_ids/{roomId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ event_id: Type.String() }),
  async handle({ params, query, requester }, { stateAtEvents }: { stateAtEvents: StateAtEvents }) {
    const found = await stateAtEvents.before(requester.serverName, params.roomId, query.event_id);
    return { pdu_ids: [...found.state.keys()], auth_chain_ids: [...found.authChain.keys()] };
  },
});
