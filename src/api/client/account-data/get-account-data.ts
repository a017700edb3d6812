import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { AccountData } from '../../../services/account-data/account-data.ts';

/** `GET /_matrix/client/v3/user/{userId}/account_data/{type}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridaccount_datatype */
export const getAccountData = endpoint({
  name: 'getAccountData',
  summary: 'What clients keep for the user',
  method: 'get',
  paths: [
    '/_matrix/client/r0/user/{userId}/account_data/{type}',
    '/_matrix/client/v3/user/{userId}/account_data/{type}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { accountData }: { accountData: AccountData }) {
    AccountData.checkOwner(requester.userId, params.userId);
    return jsonText(await accountData.read(params.userId, undefined, params.type));
  },
});
