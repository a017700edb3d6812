import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import { AccountData } from '../../../services/account-data/account-data.ts';

/** `PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3useruseridroomsroomidaccount_datatype */
export const setAccountDataPerRoom = endpoint({
  name: 'setAccountDataPerRoom',
  summary: 'Keeps something for the user and a room, for all their clients',
  method: 'put',
  paths: [
    '/_matrix/client/r0/user/{userId}/rooms/{roomId}/account_data/{type}',
    '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true },
  body: jsonObject,
  async handle({ params, body, requester }, { accountData }: { accountData: AccountData }) {
    AccountData.checkOwner(requester.userId, params.userId);
    await accountData.set(params.userId, params.roomId, params.type, body);
    return {};
  },
});
