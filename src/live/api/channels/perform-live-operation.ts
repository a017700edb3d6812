import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { viewerOf } from '../viewer-of.ts';
import { watchedChannel } from '../watching.ts';

/** `POST …/channels/{channel}/frames`: a frame of a client and what the gateway would answer, `ok` or `err`. */
export const performLiveOperation = endpoint({
  name: 'performLiveOperation',
  extension: EXTENSION,
  summary: 'Does what a frame of the gateway does (send, react, vote, mod, ack), where no WebSocket gets through',
  method: 'post',
  paths: [`${CHANNEL_PATH}/frames`],
  auth: 'optional',
  rateLimit: 'message',
  body: Type.Object({
    op: Type.Union([
      ...[Type.Literal('send'), Type.Literal('react'), Type.Literal('vote')],
      ...[Type.Literal('mod'), Type.Literal('ack')],
    ]),
  }),
  async handle(context, { live }: { live: LiveServices }) {
    const { params, body } = context;
    const account = viewerOf(live, context);
    const { open } = await watchedChannel(live, params.channel, account?.userId);
    const reply = await live.access.perform(body.op, open, account, body);
    if (reply.ok) return { ...reply.fields, op: 'ok' };
    const { code, message: msg, retryMs } = reply;
    return { op: 'err', code, msg, ...(retryMs === undefined ? {} : { retry_ms: retryMs }) };
  },
});
