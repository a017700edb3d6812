import Type, { type Static } from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { isServerName, type ServerName } from '../../../protocol/identifiers/server-name.ts';
import type { KeyCriteria, ServerKeys } from '../../../services/server-keys/server-keys.ts';

const body = Type.Object({
  server_keys: Type.Record(
    Type.String(),
    Type.Record(Type.String(), Type.Object({ minimum_valid_until_ts: Type.Optional(Type.Integer()) })),
  ),
});

/** `POST /_matrix/key/v2/query` · https://spec.matrix.org/v1.19/server-server-api/#post_matrixkeyv2query */
export const bulkPerspectivesKeyQuery = endpoint({
  name: 'bulkPerspectivesKeyQuery',
  summary: 'The signing keys of other servers, as this one knows them',
  method: 'post',
  paths: ['/_matrix/key/v2/query'],
  auth: 'none',
  rateLimit: 'federation',
  body,
  async handle({ body: { server_keys } }, { serverKeys }: { serverKeys: ServerKeys }) {
    return { server_keys: await serverKeys.query(criteriaIn(server_keys)) };
  },
});

/** What is no server name is left out: nobody has keys of it. */
function criteriaIn(wanted: Static<typeof body>['server_keys']): Map<ServerName, KeyCriteria> {
  const criteria = new Map<ServerName, KeyCriteria>();
  for (const [server, keys] of Object.entries(wanted)) {
    if (!isServerName(server)) continue;
    const times = Object.entries(keys).map(([id, key]) => [id, key.minimum_valid_until_ts] as const);
    criteria.set(server, { keys: new Map(times) });
  }
  return criteria;
}
