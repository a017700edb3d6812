import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';

/** `GET …/channels/{channel}` */
export const getChannel = endpoint({
  name: 'getLiveChannel',
  extension: EXTENSION,
  summary: 'A channel, its settings, and where its viewers connect',
  method: 'get',
  paths: [CHANNEL_PATH],
  auth: 'optional',
  rateLimit: 'general',
  async handle({ params, requester }, { live }: { live: LiveServices }) {
    const channel = live.book.get(params.channel);
    const isMember = channel.state.viewers === 'members';
    const room = isMember ? await live.rooms.get(channel.live.roomId) : undefined;
    if (isMember && (requester === undefined || !room?.isJoined(requester.userId))) {
      throw notFound('There is no such channel');
    }
    return { ...(await live.views.full(channel)), gateway: live.gatewayUrl };
  },
});
