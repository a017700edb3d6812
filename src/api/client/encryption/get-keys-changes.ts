import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import type { DeviceLists } from '../../../services/encryption/device-lists.ts';
import { parseSyncToken } from '../../../services/sync/sync-token.ts';

/** `GET /_matrix/client/v3/keys/changes` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3keyschanges */
export const getKeysChanges = endpoint({
  name: 'getKeysChanges',
  summary: 'Says whose keys have changed',
  method: 'get',
  paths: [
    '/_matrix/client/r0/keys/changes',
    '/_matrix/client/v3/keys/changes',
    '/_matrix/client/unstable/keys/changes',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { guests: true, suspended: true },
  query: Type.Object({ from: Type.String(), to: Type.Optional(Type.String()) }),
  handle({ query, requester }, { deviceLists }: { deviceLists: DeviceLists }) {
    const from = positionOf(query.from, 'from');
    const to = query.to === undefined ? Number.MAX_SAFE_INTEGER : positionOf(query.to, 'to');
    return deviceLists.changedSince(requester.userId, from, to);
  },
});

function positionOf(token: string, name: string): number {
  const parsed = parseSyncToken(token);
  if (!parsed) throw invalidParam(`"${name}" is not a token of a sync`);
  return parsed.position;
}
