import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';
import { checkLegacyDownloads, downloadQuery, downloadReply } from './download.ts';

/** `GET /_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixmediav3downloadservernamemediaidfilename */
export const getContentOverrideName = endpoint({
  name: 'getContentOverrideName',
  summary: "A file, under a name of the asker's choice, for clients from before authenticated media",
  method: 'get',
  paths: [
    '/_matrix/media/r0/download/{serverName}/{mediaId}/{fileName}',
    '/_matrix/media/v1/download/{serverName}/{mediaId}/{fileName}',
    '/_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}',
  ],
  auth: 'none',
  rateLimit: 'mediaDownload',
  query: downloadQuery,
  handle({ request, params, query }, { media }: { media: Media }) {
    checkLegacyDownloads(media);
    return downloadReply({ request, params, query, isPublic: true }, media);
  },
});
