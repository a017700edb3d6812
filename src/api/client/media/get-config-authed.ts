import { endpoint } from '../../../http/endpoint.ts';
import type { Media } from '../../../services/media/media.ts';

/** `GET /_matrix/client/v1/media/config` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediaconfig */
export const getConfigAuthed = endpoint({
  name: 'getConfigAuthed',
  summary: 'How large uploads may be',
  method: 'get',
  paths: ['/_matrix/client/v1/media/config'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: (_, { media }: { media: Media }) => ({ 'm.upload.size': media.settings.maxUploadSize }),
});
