import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';

/** `GET /_matrix/client/v3/thirdparty/protocol/{protocol}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyprotocolprotocol */
export const getProtocolMetadata = endpoint({
  name: 'getProtocolMetadata',
  summary: 'What is asked for in a network that is bridged to this server',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/protocol/{protocol}', '/_matrix/client/v3/thirdparty/protocol/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  handle: ({ params }, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) =>
    thirdPartyNetworks.protocol(params.protocol),
});
