import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedRoom } from '../watching.ts';

const SIZE = { width: 96, height: 96, method: 'scale' } as const;

/**
 * `GET …/channels/{channel}/media/{serverName}/{mediaId}`: for those without an account, who may download nothing else.
 * No file is fetched from another server for them.
 */
export const getEmotePicture = endpoint({
  name: 'getLiveEmotePicture',
  extension: EXTENSION,
  summary: 'The picture of an emote that the channel has now, made small',
  method: 'get',
  paths: [`${CHANNEL_PATH}/media/{serverName}/{mediaId}`],
  auth: 'none',
  rateLimit: 'mediaDownload',
  async handle({ params, request }, { live }: { live: LiveServices }) {
    const { serverName, mediaId } = params;
    const { room } = await watchedRoom(live, params.channel, undefined);
    if (!live.emotes.shows(room, `mxc://${serverName}/${mediaId}`)) throw notFound('The channel has no such emote');
    const file = await live.media.find({ serverName, mediaId }, { timeoutMs: 0, signal: request.signal }, false);
    const { contentType, size, tag, bytes } = await live.thumbnails.of(file, SIZE, true);
    const headers = {
      'Content-Type': contentType,
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'public, max-age=60',
      ETag: `"${tag}"`,
    };
    if (request.headers['if-none-match'] === headers.ETag) {
      bytes.destroy();
      return raw(304, headers);
    }
    return raw(200, { ...headers, 'Content-Length': String(size) }, bytes);
  },
});
