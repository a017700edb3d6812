import { endpoint } from '../../../http/endpoint.ts';
import type { Devices } from '../../../services/devices/devices.ts';

/** `POST /_matrix/client/v3/logout` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logout */
export const logout = endpoint({
  name: 'logout',
  summary: 'Ends the session and deletes its device',
  method: 'post',
  paths: ['/_matrix/client/r0/logout', '/_matrix/client/v3/logout'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true, suspended: true, locked: true },
  async handle({ requester }, { devices }: { devices: Devices }) {
    if (requester.deviceId !== undefined) await devices.delete(requester.userId, [requester.deviceId]);
    return {};
  },
});
