import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyNetworks } from '../../../services/appservices/third-party-networks.ts';

/** `GET /_matrix/client/v3/thirdparty/user` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyuser */
export const queryUserByID = endpoint({
  name: 'queryUserByID',
  summary: 'Users of bridged networks who are a user here',
  method: 'get',
  paths: ['/_matrix/client/r0/thirdparty/user', '/_matrix/client/v3/thirdparty/user'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  query: Type.Object({ userid: Type.String() }),
  handle: ({ query }, { thirdPartyNetworks }: { thirdPartyNetworks: ThirdPartyNetworks }) =>
    thirdPartyNetworks.findById('user', query.userid),
});
