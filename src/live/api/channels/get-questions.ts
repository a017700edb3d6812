import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/questions` */
export const getQuestions = endpoint({
  name: 'getLiveQuestions',
  extension: EXTENSION,
  summary: 'The recent messages with the most reactions',
  method: 'get',
  paths: [`${CHANNEL_PATH}/questions`],
  auth: 'optional',
  rateLimit: 'general',
  query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 50, default: 20 }) }),
  async handle({ params, query, requester }, { live }: { live: LiveServices }) {
    const { channel } = await watchedChannel(live, params.channel, requester?.userId);
    return { questions: await live.reactions.board(channel.live, query.limit) };
  },
});
