import { endpoint } from '../../../http/endpoint.ts';
import { json } from '../../../http/reply.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { viewerOf } from '../viewer-of.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/sessions/{session}/heat` */
export const getHeat = endpoint({
  name: 'getLiveHeat',
  extension: EXTENSION,
  summary: 'How many watched each half minute of a session, and how much was said',
  method: 'get',
  paths: [`${CHANNEL_PATH}/sessions/{session}/heat`],
  auth: 'optional',
  rateLimit: 'general',
  async handle(context, { live }: { live: LiveServices }) {
    const { params } = context;
    const userId = viewerOf(live, context)?.userId;
    const { channel, isPublic, isMember } = await watchedChannel(live, params.channel, userId);
    const heat = await live.heat.of(channel, params.session, isMember);
    const shared = isPublic && !isMember ? 'public' : 'private';
    return json(200, heat, { 'Cache-Control': `${shared}, max-age=30` });
  },
});
