import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';

/** `POST /_matrix/client/v3/account/3pid/delete` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3piddelete */
export const delete3pidFromAccount = endpoint({
  name: 'delete3pidFromAccount',
  summary: 'Takes an address from the account',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/delete', '/_matrix/client/v3/account/3pid/delete'],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ medium: Type.String(), address: Type.String() }),
  async handle({ body, requester }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    await thirdPartyIds.remove(requester.userId, body.medium, body.address);
    // Nothing was bound to an identity server by this one.
    return { id_server_unbind_result: 'no-support' };
  },
});
