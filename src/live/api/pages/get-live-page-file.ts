import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import { notFound } from '../../../protocol/errors.ts';
import { pageFile } from '../../pages/page-files.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

/** `GET …/live/page/{file}` */
export const getLivePageFile = endpoint({
  name: 'getLivePageFile',
  extension: EXTENSION,
  summary: 'A script or style of the pages of live rooms',
  method: 'get',
  paths: [`${LIVE_PATH}/page/{file}`],
  auth: 'none',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  async handle({ params, request }) {
    const file = pageFile(params.file);
    if (!file) throw notFound('There is no such file');
    const { type, text, etag } = file;
    const headers = { ETag: etag, 'Cache-Control': 'public, max-age=300', 'X-Content-Type-Options': 'nosniff' };
    if (request.headers['if-none-match'] === etag) return raw(304, headers);
    return raw(200, { ...headers, 'Content-Type': type }, text);
  },
});
