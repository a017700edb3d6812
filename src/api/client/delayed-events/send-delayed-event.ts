import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { missingParam } from '../../../protocol/errors.ts';
import type { DelayedEvents } from '../../../services/delayed-events/delayed-events.ts';
import { massagedTime } from '../sending/massaged-time.ts';

const milliseconds = Type.Optional(Type.Integer({ minimum: 1 }));

/** `PUT /_matrix/client/v3/rooms/{roomId}/delayed_event/{eventType}/{txnId}` */
export const sendDelayedEvent = endpoint({
  name: 'sendDelayedEvent',
  extension: 'MSC4140',
  summary: 'Has an event sent into a room after a delay',
  method: 'put',
  paths: [
    '/_matrix/client/v3/rooms/{roomId}/delayed_event/{eventType}/{txnId}',
    '/_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}',
  ],
  auth: 'accessToken',
  rateLimit: 'message',
  allow: { guests: true },
  query: massagedTime,
  body: Type.Object({
    // Both names are in use.
    delay: milliseconds,
    delay_ms: milliseconds,
    state_key: Type.Optional(Type.String()),
    content: jsonObject,
  }),
  async handle({ params, query, body, requester }, { delayedEvents }: { delayedEvents: DelayedEvents }) {
    const { roomId, eventType: type, txnId } = params;
    const delay = body.delay ?? body.delay_ms;
    if (delay === undefined) throw missingParam('"delay" is missing');
    const originServerTs = requester.appserviceId === undefined ? undefined : query.ts;
    const { content, state_key: stateKey } = body;
    const draft = { roomId, type, stateKey, content, originServerTs, delay, txnId };
    return { delay_id: await delayedEvents.schedule(requester, draft) };
  },
});
