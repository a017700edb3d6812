import { endpoint } from '../../../http/endpoint.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';

/** `GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events` */
export const getDelayedEvents = endpoint({
  name: 'getDelayedEvents',
  extension: 'MSC4140',
  summary: 'Which events of the user are to be sent later',
  method: 'get',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ requester }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    return { delayed_events: await delayedEvents.list(requester.userId) };
  },
});
