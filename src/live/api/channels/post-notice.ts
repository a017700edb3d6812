import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { LiveServices } from '../../live-services.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';
import { platformOf } from '../platform.ts';

/** `POST …/live/notices` */
export const postNotice = endpoint({
  name: 'postLiveNotice',
  extension: EXTENSION,
  summary: 'A notice of the platform in a channel: a subscription, a gift, a milestone',
  method: 'post',
  paths: [`${LIVE_PATH}/notices`],
  auth: 'optional',
  rateLimit: 'general',
  body: Type.Object({
    channel: Type.String({ maxLength: 64 }),
    kind: Type.Enum(['sub', 'resub', 'gift', 'cheer', 'shoutout', 'milestone', 'system']),
    body: Type.String({ minLength: 1, maxLength: 500 }),
    data: Type.Optional(jsonObject),
    idempotency_key: Type.String({ minLength: 1, maxLength: 128 }),
  }),
  async handle(context, { live }: { live: LiveServices }) {
    platformOf(live, context);
    const { body } = context;
    const channel = live.book.get(body.channel);
    const { kind, data = {}, idempotency_key } = body;
    return { event_id: await live.system.notice(channel.live, kind, body.body, data, idempotency_key) };
  },
});
