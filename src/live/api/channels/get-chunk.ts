import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { MatrixError, notFound } from '../../../protocol/errors.ts';
import { CHUNK_MS } from '../../hub/chunk.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { openForReading, type WatchingServices } from '../watching.ts';

/** `GET …/channels/{channel}/chunk/{epoch}/{slot}` */
export const getChunk = endpoint({
  name: 'getLiveChunk',
  extension: EXTENSION,
  summary: 'What was told in two seconds, for those who poll; any cache may keep it',
  method: 'get',
  paths: [`${CHANNEL_PATH}/chunk/{epoch}/{slot}`],
  auth: 'optional',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  params: Type.Object({ slot: Type.String({ pattern: '^\\d{1,15}$' }) }),
  async handle(context, { live }: { live: WatchingServices }) {
    const { params } = context;
    const { open, isPublic } = await openForReading(live, params.channel, live.viewerOf(context)?.userId);
    const slot = Number(params.slot);
    if (slot > Math.floor(live.clock.now() / CHUNK_MS) - 1) throw notFound('The chunk is not complete yet');
    const text = open.feed.chunk(params.epoch, slot);
    if (text === undefined) {
      throw new MatrixError('M_NOT_FOUND', 'The chunk has gone: begin with the snapshot', { status: 410 });
    }
    return jsonText(text, 200, { 'Cache-Control': isPublic ? 'public, max-age=10' : 'private, no-store' });
  },
});
