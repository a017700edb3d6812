import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { SpaceHierarchy } from '../../../services/directory/space-hierarchy.ts';

/** `GET /_matrix/client/v1/rooms/{roomId}/hierarchy` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy */
export const getSpaceHierarchy = endpoint({
  name: 'getSpaceHierarchy',
  summary: 'The rooms of a space and of the spaces in it',
  method: 'get',
  paths: [
    '/_matrix/client/v1/rooms/{roomId}/hierarchy',
    '/_matrix/client/unstable/org.matrix.msc2946/rooms/{roomId}/hierarchy',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  query: Type.Object({
    suggested_only: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    max_depth: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    from: Type.Optional(Type.String()),
  }),
  handle: ({ params, query, requester }, { spaceHierarchy }: { spaceHierarchy: SpaceHierarchy }) =>
    spaceHierarchy.page(requester.userId, params.roomId, {
      suggestedOnly: query.suggested_only ?? false,
      limit: query.limit,
      maxDepth: query.max_depth,
      from: query.from,
    }),
});
