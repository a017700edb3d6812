import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';

/** `GET /_matrix/client/v3/thirdparty/location` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartylocation */
export const queryLocationByAlias = endpoint({
  name: 'queryLocationByAlias',
  summary: 'Rooms of bridged networks that are one here',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/location', '/_matrix/client/v3/thirdparty/location'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  query: Type.Object({ alias: Type.String() }),
  handle: ({ query }, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) =>
    thirdPartyNetworks.findById('location', query.alias),
});
