import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';

/** `GET /_matrix/client/v3/account/3pid` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3account3pid */
export const getAccount3PIDs = endpoint({
  name: 'getAccount3PIDs',
  summary: 'Mail addresses of the account',
  method: 'get',
  paths: ['/_matrix/client/r0/account/3pid', '/_matrix/client/v3/account/3pid'],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ requester }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    const rows = await thirdPartyIds.of(requester.userId);
    return {
      threepids: rows.map(({ medium, address, validated_at, added_at }) => ({
        medium,
        address,
        validated_at,
        added_at,
      })),
    };
  },
});
