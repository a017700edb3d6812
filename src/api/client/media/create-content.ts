import { endpoint } from '../../../http/endpoint.ts';
import type { Uploads } from '../../../services/media/uploads.ts';

/** `POST /_matrix/media/v1/create` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixmediav1create */
export const createContent = endpoint({
  name: 'createContent',
  summary: 'Reserves the address of a file that is uploaded later',
  method: 'post',
  paths: ['/_matrix/media/v1/create'],
  auth: 'accessToken',
  rateLimit: 'media',
  async handle({ requester }, { uploads }: { uploads: Uploads }) {
    const { contentUri, expiresAt } = await uploads.reserve(requester.userId);
    return { content_uri: contentUri, unused_expires_at: expiresAt };
  },
});
