import { endpoint } from '../../../http/endpoint.ts';
import type { Discovery } from '../../../services/discovery/discovery.ts';

/** `GET /_matrix/client/v3/capabilities` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3capabilities */
export const getCapabilities = endpoint({
  name: 'getCapabilities',
  summary: 'What the asking user can do here',
  method: 'get',
  paths: ['/_matrix/client/r0/capabilities', '/_matrix/client/v3/capabilities'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ requester }, { discovery }: { discovery: Discovery }) => ({
    capabilities: {
      ...discovery.capabilities,
      ...(requester.isAdmin ? { 'm.account_moderation': discovery.accountModeration } : {}),
    },
  }),
});
