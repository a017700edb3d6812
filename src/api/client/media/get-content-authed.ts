import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';
import { downloadQuery, downloadReply } from './download.ts';

/** `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediadownloadservernamemediaid */
export const getContentAuthed = endpoint({
  name: 'getContentAuthed',
  summary: 'A file',
  method: 'get',
  paths: ['/_matrix/client/v1/media/download/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'mediaDownload',
  allow: { guests: true },
  query: downloadQuery,
  handle: ({ request, params, query }, { media }: { media: Media }) =>
    downloadReply({ request, params, query, isPublic: false }, media),
});
