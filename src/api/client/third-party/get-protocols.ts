import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';

/**
 * `GET /_matrix/client/v3/thirdparty/protocols` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyprotocols
 *
 * Clients ask at every start which networks are bridged here.
 */
export const getProtocols = endpoint({
  name: 'getProtocols',
  summary: 'The networks that are bridged to this server',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/protocols', '/_matrix/client/v3/thirdparty/protocols'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  handle: (_, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) => thirdPartyNetworks.protocols(),
});
