import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';
import type { Thumbnails } from '../../../services/media/thumbnails.ts';
import { thumbnailQuery, thumbnailReply } from './download.ts';

/** `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediathumbnailservernamemediaid */
export const getContentThumbnailAuthed = endpoint({
  name: 'getContentThumbnailAuthed',
  summary: 'A smaller picture of a picture',
  method: 'get',
  paths: ['/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'mediaDownload',
  allow: { guests: true },
  query: thumbnailQuery,
  handle: ({ request, params, query }, { media, thumbnails }: { media: Media; thumbnails: Thumbnails }) =>
    thumbnailReply({ request, params, query, isPublic: false }, { media, thumbnails }),
});
