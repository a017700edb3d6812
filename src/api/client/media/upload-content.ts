import { endpoint } from '../../../http/endpoint.ts';
import type { Uploads } from '../../../services/media/uploads.ts';
import { uploadedAs, uploadQuery } from './upload.ts';

/** `POST /_matrix/media/v3/upload` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixmediav3upload */
export const uploadContent = endpoint({
  name: 'uploadContent',
  summary: 'Uploads a file',
  method: 'post',
  paths: ['/_matrix/media/r0/upload', '/_matrix/media/v1/upload', '/_matrix/media/v3/upload'],
  auth: 'accessToken',
  rateLimit: 'media',
  bodyKind: 'raw',
  query: uploadQuery,
  async handle({ request, query, requester }, { uploads }: { uploads: Uploads }) {
    const source = request.stream(uploads.maxSize);
    return { content_uri: await uploads.upload(requester.userId, source, uploadedAs(request, query)) };
  },
});
