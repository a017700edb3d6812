import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { isForMembersOnly } from '../../services/channel-book.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { viewerOf } from '../viewer-of.ts';
import { watchedRoom } from '../watching.ts';

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
    // Where anybody may know of it, and be told that it is for those who sign in, nobody is asked.
    if (isForMembersOnly(channel)) {
      await watchedRoom(live, channel.live.channelId, viewerOf(live, context)?.userId);
    }
    return { ...(await live.views.full(channel)), gateway: live.gatewayUrl };
  },
});
