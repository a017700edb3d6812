import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';

/** `GET …/channels/{channel}/me` */
export const getStanding = endpoint({
  name: 'getLiveStanding',
  extension: EXTENSION,
  summary: 'Whether the requester may chat, and if not, why and until when',
  method: 'get',
  paths: [`${CHANNEL_PATH}/me`],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ params, requester }, { live }: { live: LiveServices }) {
    return live.access.standing(live.book.get(params.channel).live, requester.userId);
  },
});
