import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { HierarchyForServers } from '../../../services/directory/hierarchy-for-servers.ts';

/** `GET /_matrix/federation/v1/hierarchy/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1hierarchyroomid */
export const getSpaceHierarchy = endpoint({
  name: 'getSpaceHierarchy',
  summary: 'A space and the rooms in it, for another server',
  method: 'get',
  paths: [
    '/_matrix/federation/v1/hierarchy/{roomId}',
    '/_matrix/federation/unstable/org.matrix.msc2946/hierarchy/{roomId}',
  ],
  auth: 'serverSignature',
  rateLimit: 'federation',
  query: Type.Object({ suggested_only: Type.Optional(Type.Boolean()) }),
  handle: ({ params, query, requester }, { hierarchyForServers }: { hierarchyForServers: HierarchyForServers }) =>
    hierarchyForServers.of(requester.serverName, params.roomId, query.suggested_only ?? false),
});
