import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';
import { delayedEventAction } from './update-delayed-event.ts';

/** `POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}`: what clients of today ask. */
export const updateDelayedEventByBody = endpoint({
  name: 'updateDelayedEventByBody',
  extension: 'MSC4140',
  summary: 'Cancels, restarts or sends an event that is to be sent later',
  method: 'post',
  paths: ['/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}'],
  auth: 'none',
  rateLimit: 'general',
  body: Type.Object({ action: delayedEventAction }),
  async handle({ params, body }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    await delayedEvents[body.action](params.delayId);
    return {};
  },
});
