import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import type { MediaForServers } from '../../../services/media/media-for-servers.ts';

/** `GET /_matrix/federation/v1/media/download/{mediaId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1mediadownloadmediaid */
export const getContent = endpoint({
  name: 'getContent',
  summary: 'A file of this server, for another one',
  method: 'get',
  paths: ['/_matrix/federation/v1/media/download/{mediaId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ timeout_ms: Type.Optional(Type.Integer({ minimum: 0 })) }),
  async handle({ params, query, request }, { mediaForServers }: { mediaForServers: MediaForServers }) {
    const patience = { timeoutMs: query.timeout_ms, signal: request.signal };
    const { contentType, body } = await mediaForServers.download(params.mediaId, patience);
    return raw(200, { 'Content-Type': contentType }, body);
  },
});
