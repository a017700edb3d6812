import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { openForReading, type WatchingServices } from '../watching.ts';

/** `GET …/channels/{channel}/snapshot` */
export const getSnapshot = endpoint({
  name: 'getLiveSnapshot',
  extension: EXTENSION,
  summary: 'How the channel stands: the frame `snap` of the gateway',
  method: 'get',
  paths: [`${CHANNEL_PATH}/snapshot`],
  auth: 'optional',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  async handle(context, { live }: { live: WatchingServices }) {
    const { open, isPublic } = await openForReading(live, context.params.channel, live.viewerOf(context)?.userId);
    return jsonText(open.feed.snapshot().text, 200, {
      'Cache-Control': isPublic ? 'public, max-age=1' : 'private, no-store',
    });
  },
});
