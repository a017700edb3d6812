import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { InitialSync } from '../../../services/sync/old/initial-sync.ts';

/** `GET /_matrix/client/v3/events/{eventId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3eventseventid */
export const getOneEvent = endpoint({
  name: 'getOneEvent',
  summary: 'A single event, of whatever room',
  method: 'get',
  paths: ['/_matrix/client/r0/events/{eventId}', '/_matrix/client/v3/events/{eventId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ params, requester }, { initialSync }: { initialSync: InitialSync }) {
    return jsonText(await initialSync.event(requester, params.eventId));
  },
});
