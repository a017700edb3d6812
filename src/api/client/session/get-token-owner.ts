import { endpoint } from '../../../http/endpoint.ts';

/** `GET /_matrix/client/v3/account/whoami` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3accountwhoami */
export const getTokenOwner = endpoint({
  name: 'getTokenOwner',
  summary: 'Whose access token it is',
  method: 'get',
  paths: ['/_matrix/client/r0/account/whoami', '/_matrix/client/v3/account/whoami'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  handle: ({ requester }) => ({
    user_id: requester.userId,
    ...(requester.deviceId === undefined ? {} : { device_id: requester.deviceId }),
    is_guest: requester.isGuest,
  }),
});
