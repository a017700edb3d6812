import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { ServerKeys } from '../../../services/server-keys/server-keys.ts';

/** `GET /_matrix/key/v2/query/{serverName}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixkeyv2queryservername */
export const perspectivesKeyQuery = endpoint({
  name: 'perspectivesKeyQuery',
  summary: 'The signing keys of another server, as this one knows them',
  method: 'get',
  paths: ['/_matrix/key/v2/query/{serverName}'],
  auth: 'none',
  rateLimit: 'federation',
  query: Type.Object({ minimum_valid_until_ts: Type.Optional(Type.Integer()) }),
  async handle({ params, query }, { serverKeys }: { serverKeys: ServerKeys }) {
    const criteria = { keys: new Map(), validUntil: query.minimum_valid_until_ts };
    return { server_keys: await serverKeys.query(new Map([[params.serverName, criteria]])) };
  },
});
