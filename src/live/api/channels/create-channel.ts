import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { missingParam } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { user } from '../actions/argument-schemas.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';
import { actorOf, platformOf } from '../platform.ts';

const users = Type.Optional(Type.Array(user, { maxItems: 100 }));

/** `POST …/live/channels` */
export const createChannel = endpoint({
  name: 'createLiveChannel',
  extension: EXTENSION,
  summary: 'Makes a channel with its room',
  method: 'post',
  paths: [`${LIVE_PATH}/channels`],
  auth: 'optional',
  rateLimit: 'roomCreation',
  body: Type.Object({
    // Whose it is; of administrators and the platform.
    streamer: Type.Optional(user),
    handle: Type.Optional(Type.String({ maxLength: 32 })),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    title: Type.Optional(Type.String({ maxLength: 200 })),
    moderators: users,
    vips: users,
    viewers: Type.Optional(Type.Enum(['anyone', 'members'])),
  }),
  async handle(context, { live }: { live: LiveServices }) {
    const { streamer, ...wanted } = context.body;
    const by = streamer === undefined ? actorOf(live, context) : platformOf(live, context);
    if (streamer === undefined && by.userId === live.serviceUser) throw missingParam('streamer');
    return live.views.card(await live.book.create({ ...by, userId: streamer ?? by.userId }, wanted));
  },
});
