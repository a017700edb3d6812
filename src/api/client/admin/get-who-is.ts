import { endpoint } from '../../../http/endpoint.ts';
import { forbidden, notFound } from '../../../protocol/errors.ts';
import type { Accounts } from '../../../services/accounts/accounts.ts';
import type { Device, Devices } from '../../../services/devices/devices.ts';

/** `GET /_matrix/client/v3/admin/whois/{userId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3adminwhoisuserid */
export const getWhoIs = endpoint({
  name: 'getWhoIs',
  summary: 'From where and with what a user was last seen, for the user and administrators',
  method: 'get',
  paths: ['/_matrix/client/r0/admin/whois/{userId}', '/_matrix/client/v3/admin/whois/{userId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  async handle({ params, requester }, { accounts, devices }: { accounts: Accounts; devices: Devices }) {
    const { userId } = params;
    if (requester.userId !== userId && !requester.isAdmin) throw forbidden();
    if ((await accounts.get(userId)) === undefined) throw notFound('There is no such user');
    const known = await devices.of(userId);
    return {
      user_id: userId,
      devices: Object.fromEntries(
        known.map((device) => [device.deviceId, { sessions: [{ connections: [connection(device)] }] }]),
      ),
    };
  },
});

function connection(device: Device) {
  return {
    ...(device.lastSeenIp === undefined ? {} : { ip: device.lastSeenIp }),
    ...(device.lastSeenTs === undefined ? {} : { last_seen: device.lastSeenTs }),
    ...(device.lastSeenUserAgent === undefined ? {} : { user_agent: device.lastSeenUserAgent }),
  };
}
