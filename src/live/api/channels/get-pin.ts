import { endpoint } from '../../../http/endpoint.ts';
import { json } from '../../../http/reply.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedRoom } from '../watching.ts';

/** `GET …/channels/{channel}/pin` */
export const getPin = endpoint({
  name: 'getLivePin',
  extension: EXTENSION,
  summary: 'The message that is pinned, for whoever came after it was said; nothing where there is none',
  method: 'get',
  paths: [`${CHANNEL_PATH}/pin`],
  auth: 'optional',
  rateLimit: 'general',
  async handle({ params, requester }, { live }: { live: LiveServices }) {
    const { room, channel, isPublic } = await watchedRoom(live, params.channel, requester?.userId);
    const message = await live.control.pinned(channel.live, room, isPublic ? undefined : requester?.userId);
    return json(
      200,
      { ...(message && { message }) },
      {
        'Cache-Control': isPublic ? 'public, max-age=1' : 'private, no-store',
      },
    );
  },
});
