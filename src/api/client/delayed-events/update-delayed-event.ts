import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { ignoredBody } from '../../../http/schemas.ts';
import { unrecognized } from '../../../protocol/errors.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';

/** What can be done with an event that waits. */
export const delayedEventAction = Type.Union([Type.Literal('cancel'), Type.Literal('restart'), Type.Literal('send')]);

/** `POST /_matrix/client/v1/delayed_events/{delayId}/{action}` */
export const updateDelayedEvent = endpoint({
  name: 'updateDelayedEvent',
  extension: 'MSC4140',
  summary: 'Cancels, restarts or sends an event that is to be sent later',
  method: 'post',
  paths: [
    '/_matrix/client/v1/delayed_events/{delayId}/{action}',
    '/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/{action}',
  ],
  // Whoever was told the id, as the service that carries a call, may use it.
  auth: 'none',
  rateLimit: 'general',
  body: ignoredBody,
  async handle({ params }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    const { delayId, action } = params;
    if (action !== 'cancel' && action !== 'restart' && action !== 'send') throw unrecognized();
    await delayedEvents[action](delayId);
    return {};
  },
});
