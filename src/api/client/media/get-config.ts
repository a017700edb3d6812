import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';

/** `GET /_matrix/media/v3/config` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixmediav3config */
export const getConfig = endpoint({
  name: 'getConfig',
  summary: 'How large uploads may be',
  method: 'get',
  paths: ['/_matrix/media/r0/config', '/_matrix/media/v1/config', '/_matrix/media/v3/config'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: (_, { media }: { media: Media }) => ({ 'm.upload.size': media.settings.maxUploadSize }),
});
