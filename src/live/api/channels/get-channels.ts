import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

/** `GET …/live/channels` */
export const getChannels = endpoint({
  name: 'getLiveChannels',
  extension: EXTENSION,
  summary: 'Channels that are live, or another status, the most viewers first',
  method: 'get',
  paths: [`${LIVE_PATH}/channels`],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({
    status: Type.Enum(['offline', 'scheduled', 'live', 'ended'], { default: 'live' }),
    cursor: Type.Integer({ minimum: 0, default: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  }),
  async handle({ query }, { live }: { live: LiveServices }) {
    const { channels, next } = live.views.list(query.status, query.cursor, query.limit);
    return next === undefined ? { channels } : { channels, next: String(next) };
  },
});
