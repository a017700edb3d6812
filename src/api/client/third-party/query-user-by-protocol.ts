import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';
import { fieldsOf } from './protocol-fields.ts';

/** `GET /_matrix/client/v3/thirdparty/user/{protocol}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyuserprotocol */
export const queryUserByProtocol = endpoint({
  name: 'queryUserByProtocol',
  summary: 'Users of a bridged network, found by its own fields',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/user/{protocol}', '/_matrix/client/v3/thirdparty/user/{protocol}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  handle: ({ params, request }, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) =>
    thirdPartyNetworks.find('user', params.protocol, fieldsOf(request)),
});
