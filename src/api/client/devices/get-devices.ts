import { endpoint } from '../../../http/endpoint.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import { deviceBody } from './device-body.ts';

/** `GET /_matrix/client/v3/devices` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devices */
export const getDevices = endpoint({
  name: 'getDevices',
  summary: 'The devices of the user',
  method: 'get',
  paths: ['/_matrix/client/r0/devices', '/_matrix/client/v3/devices'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  async handle({ requester }, { devices }: { devices: Devices }) {
    return { devices: (await devices.of(requester.userId)).map(deviceBody) };
  },
});
