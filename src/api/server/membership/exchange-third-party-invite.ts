import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { ThirdPartyInvites } from '../../../services/membership/third-party-invites.ts';

/** `PUT /_matrix/federation/v1/exchange_third_party_invite/{roomId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1exchange_third_party_inviteroomid */
export const exchangeThirdPartyInvite = endpoint({
  name: 'exchangeThirdPartyInvite',
  summary: 'Invites the user of another server whose address was invited',
  method: 'put',
  paths: ['/_matrix/federation/v1/exchange_third_party_invite/{roomId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { thirdPartyInvites }: { thirdPartyInvites: ThirdPartyInvites }) {
    await thirdPartyInvites.exchange(requester.serverName, params.roomId, body);
    return {};
  },
});
