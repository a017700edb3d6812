import { endpoint } from '../../../http/endpoint.ts';
import type { Devices } from '../../../services/devices/devices.ts';

/** `POST /_matrix/client/v3/logout/all` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logoutall */
export const logoutAll = endpoint({
  name: 'logout_all',
  summary: 'Ends all sessions of the user and deletes their devices',
  method: 'post',
  paths: ['/_matrix/client/r0/logout/all', '/_matrix/client/v3/logout/all'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true, locked: true },
  async handle({ requester }, { devices }: { devices: Devices }) {
    await devices.deleteAll(requester.userId);
    return {};
  },
});
