import { endpoint } from '../../../http/endpoint.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';

/** `GET /_matrix/client/v1/delayed_events/{delayId}` */
export const getDelayedEvent = endpoint({
  name: 'getDelayedEvent',
  extension: 'MSC4140',
  summary: 'An event of the user that is to be sent later, or what became of it',
  method: 'get',
  paths: [
    '/_matrix/client/v1/delayed_events/{delayId}',
    '/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle({ params, requester }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    return delayedEvents.get(requester.userId, params.delayId);
  },
});
