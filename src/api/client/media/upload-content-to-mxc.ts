import { endpoint } from '../../../http/endpoint.ts';
import type { Uploads } from '../../../services/media/uploads.ts';
import { uploadedAs, uploadQuery } from './upload.ts';

/** `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixmediav3uploadservernamemediaid */
export const uploadContentToMXC = endpoint({
  name: 'uploadContentToMXC',
  summary: 'Uploads a file to an address that was reserved before',
  method: 'put',
  paths: ['/_matrix/media/v3/upload/{serverName}/{mediaId}'],
  auth: 'accessToken',
  rateLimit: 'media',
  bodyKind: 'raw',
  query: uploadQuery,
  async handle({ request, params, query, requester }, { uploads }: { uploads: Uploads }) {
    const source = () => request.stream(uploads.maxSize);
    await uploads.fill(requester.userId, params, source, uploadedAs(request, query));
    return {};
  },
});
