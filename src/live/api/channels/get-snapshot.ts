import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { viewerOf } from '../viewer-of.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/snapshot` */
export const getSnapshot = endpoint({
  name: 'getLiveSnapshot',
  extension: EXTENSION,
  summary: 'How the channel stands: the frame `snap` of the gateway',
  method: 'get',
  paths: [`${CHANNEL_PATH}/snapshot`],
  auth: 'optional',
  rateLimit: 'general',
  async handle(context, { live }: { live: LiveServices }) {
    const { open, isPublic } = await watchedChannel(live, context.params.channel, viewerOf(live, context)?.userId);
    return jsonText(open.feed.snapshot().text, 200, {
      'Cache-Control': isPublic ? 'public, max-age=1' : 'private, no-store',
    });
  },
});
