import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText, raw } from '../../../http/reply.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/sessions/{session}/replay` */
export const getReplay = endpoint({
  name: 'getLiveReplay',
  extension: EXTENSION,
  summary: 'Half a minute of the chat of a session',
  method: 'get',
  paths: [`${CHANNEL_PATH}/sessions/{session}/replay`],
  auth: 'optional',
  rateLimit: 'general',
  query: Type.Object({ bucket: Type.Integer({ minimum: 0, maximum: 100_000, default: 0 }) }),
  async handle({ params, query, requester, request }, { live }: { live: LiveServices }) {
    const { channel, isPublic, isMember } = await watchedChannel(live, params.channel, requester?.userId);
    const member = isMember ? requester?.userId : undefined;
    const found = await live.replay.bucket(channel, params.session, query.bucket, member);
    const { body, etag, isOver } = found;
    const shared = isPublic && found.isSame ? 'public' : 'private';
    // Whatever is taken out lives in a cache for a minute at most.
    const headers = { ETag: etag, 'Cache-Control': isOver ? `${shared}, max-age=60` : `${shared}, max-age=5` };
    if (request.headers['if-none-match'] === etag) return raw(304, headers);
    return jsonText(body, 200, headers);
  },
});
