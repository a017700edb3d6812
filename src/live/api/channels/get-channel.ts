import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { viewerOf } from '../viewer-of.ts';

/** `GET …/channels/{channel}` */
export const getChannel = endpoint({
  name: 'getLiveChannel',
  extension: EXTENSION,
  summary: 'A channel, its settings, and where its viewers connect',
  method: 'get',
  paths: [CHANNEL_PATH],
  auth: 'optional',
  rateLimit: 'general',
  async handle(context, { live }: { live: LiveServices }) {
    const channel = live.book.get(context.params.channel);
    const isMember = channel.state.viewers === 'members';
    const room = isMember ? await live.rooms.get(channel.live.roomId) : undefined;
    const viewer = isMember ? viewerOf(live, context) : undefined;
    if (isMember && (viewer === undefined || !room?.isJoined(viewer.userId))) {
      throw notFound('There is no such channel');
    }
    return { ...(await live.views.full(channel)), gateway: live.gatewayUrl };
  },
});
