import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';
import { checkLegacyDownloads, downloadQuery, downloadReply } from './download.ts';

/** `GET /_matrix/media/v3/download/{serverName}/{mediaId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixmediav3downloadservernamemediaid */
export const getContent = endpoint({
  name: 'getContent',
  summary: 'A file, for clients from before authenticated media',
  method: 'get',
  paths: [
    '/_matrix/media/r0/download/{serverName}/{mediaId}',
    '/_matrix/media/v1/download/{serverName}/{mediaId}',
    '/_matrix/media/v3/download/{serverName}/{mediaId}',
  ],
  auth: 'none',
  rateLimit: 'mediaDownload',
  query: downloadQuery,
  handle({ request, params, query }, { media }: { media: Media }) {
    checkLegacyDownloads(media);
    return downloadReply({ request, params, query, isPublic: true }, media);
  },
});
