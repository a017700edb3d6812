import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { accountOf } from '../viewer-of.ts';

/** `GET …/channels/{channel}/me` */
export const getStanding = endpoint({
  name: 'getLiveStanding',
  extension: EXTENSION,
  summary: 'Whether the requester may chat, and if not, why and until when',
  method: 'get',
  paths: [`${CHANNEL_PATH}/me`],
  auth: 'optional',
  rateLimit: 'general',
  async handle(context, { live }: { live: LiveServices }) {
    const { userId } = accountOf(live, context);
    return live.access.standing(live.book.get(context.params.channel).live, userId);
  },
});
