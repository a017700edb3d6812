import { endpoint } from '../../../http/endpoint.ts';
import type { TurnCredentials } from '../../../services/calls/turn-credentials.ts';

/** `GET /_matrix/client/v3/voip/turnServer` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3voipturnserver */
export const getTurnServer = endpoint({
  name: 'getTurnServer',
  summary: 'What carries calls where people cannot reach each other',
  method: 'get',
  paths: ['/_matrix/client/r0/voip/turnServer', '/_matrix/client/v3/voip/turnServer'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ requester }, { turnCredentials }: { turnCredentials: TurnCredentials }) => turnCredentials.of(requester),
});
