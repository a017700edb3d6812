import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';
import type { ToldDelayedEvent } from '../../../services/delayed-events/told-delayed-event.ts';

/** What may have become of those that are asked for (MSC4486). */
const OUTCOMES: Readonly<Record<string, (event: ToldDelayedEvent) => boolean>> = {
  finalised: () => true,
  sent: ({ finalised }) => finalised?.event_id !== undefined,
  failed: ({ finalised }) => finalised?.error !== undefined,
  cancelled: ({ finalised }) => finalised?.event_id === undefined && finalised?.error === undefined,
};

/** `GET /_matrix/client/v1/delayed_events` */
export const getDelayedEvents = endpoint({
  name: 'getDelayedEvents',
  extension: 'MSC4140',
  summary: 'Which events of the user are to be sent later, or what became of them',
  method: 'get',
  paths: ['/_matrix/client/v1/delayed_events', '/_matrix/client/unstable/org.matrix.msc4140/delayed_events'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  query: Type.Object({
    status: Type.Optional(Type.Enum(['scheduled', 'finalised', 'sent', 'cancelled', 'failed'])),
  }),
  async handle({ query: { status = 'scheduled' }, requester }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    if (status === 'scheduled') return { delayed_events: await delayedEvents.list(requester.userId) };
    const finalised = await delayedEvents.finalised(requester.userId);
    return { delayed_events: finalised.filter((event) => OUTCOMES[status]?.(event)) };
  },
});
