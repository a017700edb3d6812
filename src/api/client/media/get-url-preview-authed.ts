import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { UrlPreviews } from '../../../services/previews/url-previews.ts';

export const previewQuery = Type.Object({ url: Type.String(), ts: Type.Optional(Type.Integer()) });

/** `GET /_matrix/client/v1/media/preview_url` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediapreview_url */
export const getUrlPreviewAuthed = endpoint({
  name: 'getUrlPreviewAuthed',
  summary: 'What a page on the web is about',
  method: 'get',
  paths: ['/_matrix/client/v1/media/preview_url'],
  auth: 'accessToken',
  rateLimit: 'mediaDownload',
  query: previewQuery,
  async handle({ query, requester }, { urlPreviews }: { urlPreviews: UrlPreviews }) {
    return jsonText(await urlPreviews.of(requester.userId, query.url));
  },
});
