import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';
import { fieldsOf } from './protocol-fields.ts';

/** `GET /_matrix/client/v3/thirdparty/location/{protocol}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartylocationprotocol */
export const queryLocationByProtocol = endpoint({
  name: 'queryLocationByProtocol',
  summary: 'Rooms of a bridged network, found by its own fields',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/location/{protocol}', '/_matrix/client/v3/thirdparty/location/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  handle: ({ params, request }, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) =>
    thirdPartyNetworks.find('location', params.protocol, fieldsOf(request)),
});
