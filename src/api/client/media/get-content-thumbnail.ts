import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';
import type { Thumbnails } from '../../../services/media/thumbnails.ts';
import { checkLegacyDownloads, thumbnailQuery, thumbnailReply } from './download.ts';

/** `GET /_matrix/media/v3/thumbnail/{serverName}/{mediaId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixmediav3thumbnailservernamemediaid */
export const getContentThumbnail = endpoint({
  name: 'getContentThumbnail',
  summary: 'A smaller picture of a picture, for clients from before authenticated media',
  method: 'get',
  paths: [
    '/_matrix/media/r0/thumbnail/{serverName}/{mediaId}',
    '/_matrix/media/v1/thumbnail/{serverName}/{mediaId}',
    '/_matrix/media/v3/thumbnail/{serverName}/{mediaId}',
  ],
  auth: 'none',
  rateLimit: 'mediaDownload',
  query: thumbnailQuery,
  handle({ request, params, query }, { media, thumbnails }: { media: Media; thumbnails: Thumbnails }) {
    checkLegacyDownloads(media);
    return thumbnailReply({ request, params, query, isPublic: true }, { media, thumbnails });
  },
});
