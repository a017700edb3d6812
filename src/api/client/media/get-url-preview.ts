import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { UrlPreviews } from '../../../services/previews/url-previews.ts';
import { previewQuery } from './get-url-preview-authed.ts';

/** `GET /_matrix/media/v3/preview_url` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixmediav3preview_url */
export const getUrlPreview = endpoint({
  name: 'getUrlPreview',
  summary: 'What a page on the web is about, at the path of old clients',
  method: 'get',
  paths: ['/_matrix/media/r0/preview_url', '/_matrix/media/v3/preview_url'],
  auth: 'accessToken',
  rateLimit: 'mediaDownload',
  query: previewQuery,
  async handle({ query, requester }, { urlPreviews }: { urlPreviews: UrlPreviews }) {
    return jsonText(await urlPreviews.of(requester.userId, query.url));
  },
});
