import { endpoint } from '../../../http/endpoint.ts';
import type { Discovery } from '../../../services/discovery/discovery.ts';

/** All of them, for clients look for literal names and not for the highest number. */
const VERSIONS = [
  ...['r0.0.1', 'r0.1.0', 'r0.2.0', 'r0.3.0', 'r0.4.0', 'r0.5.0', 'r0.6.0', 'r0.6.1'],
  ...Array.from({ length: 19 }, (_, index) => `v1.${index + 1}`),
];

/** `GET /_matrix/client/versions` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientversions */
export const getVersions = endpoint({
  name: 'getVersions',
  summary: 'Versions of the specification and proposals that this server speaks',
  method: 'get',
  paths: ['/_matrix/client/versions'],
  // Nobody is told anything else than others, so that a token that has expired must not get in the way.
  auth: 'none',
  rateLimit: false,
  handle: (_, { discovery }: { discovery: Discovery }) => ({
    versions: VERSIONS,
    unstable_features: discovery.unstableFeatures,
  }),
});
