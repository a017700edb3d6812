import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import type { MediaForServers } from '../../../services/media/media-for-servers.ts';

/** `GET /_matrix/federation/v1/media/thumbnail/{mediaId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1mediathumbnailmediaid */
export const getContentThumbnail = endpoint({
  name: 'getContentThumbnail',
  summary: 'A smaller picture of a picture of this server, for another one',
  method: 'get',
  paths: ['/_matrix/federation/v1/media/thumbnail/{mediaId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({
    width: Type.Integer(),
    height: Type.Integer(),
    method: Type.Optional(Type.Union([Type.Literal('crop'), Type.Literal('scale')])),
    animated: Type.Optional(Type.Boolean()),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  async handle({ params, query, request }, { mediaForServers }: { mediaForServers: MediaForServers }) {
    const { width, height, method = 'scale', animated = false } = query;
    const patience = { timeoutMs: query.timeout_ms, signal: request.signal };
    const size = { width, height, method };
    const { contentType, body } = await mediaForServers.thumbnail(params.mediaId, size, animated, patience);
    return raw(200, { 'Content-Type': contentType }, body);
  },
});
