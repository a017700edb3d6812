import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/sessions` */
export const getSessions = endpoint({
  name: 'getLiveSessions',
  extension: EXTENSION,
  summary: 'The sessions of a channel, newest first',
  method: 'get',
  paths: [`${CHANNEL_PATH}/sessions`],
  auth: 'optional',
  rateLimit: 'general',
  query: Type.Object({
    before: Type.Integer({ minimum: 0, default: Number.MAX_SAFE_INTEGER }),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  }),
  async handle({ params, query, requester }, { live }: { live: LiveServices }) {
    const { channel, isMember } = await watchedChannel(live, params.channel, requester?.userId);
    return { sessions: await live.book.sessions(channel.live, { ...query, isMember }) };
  },
});
