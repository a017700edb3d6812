import { endpoint } from '../../../http/endpoint.ts';
import { notFound } from '../../../protocol/errors.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import { deviceBody } from './device-body.ts';

/** `GET /_matrix/client/v3/devices/{deviceId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devicesdeviceid */
export const getDevice = endpoint({
  name: 'getDevice',
  summary: 'One device of the user',
  method: 'get',
  paths: ['/_matrix/client/r0/devices/{deviceId}', '/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ params, requester }, { devices }: { devices: Devices }) {
    const device = await devices.get(requester.userId, params.deviceId);
    if (device === undefined) throw notFound('You have no such device');
    return deviceBody(device);
  },
});
