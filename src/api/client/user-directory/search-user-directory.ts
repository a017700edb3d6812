import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { UserDirectory } from '../../../services/directory/user-directory.ts';

/** `POST /_matrix/client/v3/user_directory/search` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3user_directorysearch */
export const searchUserDirectory = endpoint({
  name: 'searchUserDirectory',
  summary: 'Finds people whom the user may know',
  method: 'post',
  paths: ['/_matrix/client/r0/user_directory/search', '/_matrix/client/v3/user_directory/search'],
  auth: 'accessToken',
  rateLimit: 'search',
  body: Type.Object({ search_term: Type.String(), limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
  handle: ({ body, requester }, { userDirectory }: { userDirectory: UserDirectory }) =>
    userDirectory.search(requester.userId, body.search_term, body.limit ?? 10),
});
