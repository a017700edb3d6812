import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

const users = Type.Optional(
  Type.Array(Type.String({ pattern: '^@[^:\\s]*:\\S+$', maxLength: 255 }), { maxItems: 100 }),
);

/** `POST …/live/channels` */
export const createChannel = endpoint({
  name: 'createLiveChannel',
  extension: EXTENSION,
  summary: 'Makes a channel with its room',
  method: 'post',
  paths: [`${LIVE_PATH}/channels`],
  auth: 'accessToken',
  rateLimit: 'roomCreation',
  body: Type.Object({
    handle: Type.Optional(Type.String({ maxLength: 32 })),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    title: Type.Optional(Type.String({ maxLength: 200 })),
    moderators: users,
    vips: users,
    viewers: Type.Optional(Type.Enum(['anyone', 'members'])),
  }),
  async handle({ body, requester }, { live }: { live: LiveServices }) {
    return live.views.card(await live.book.create(requester, body));
  },
});
