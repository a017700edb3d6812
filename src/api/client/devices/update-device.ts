import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { json } from '../../../http/reply.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import { textOrNull } from '../session/session-body.ts';

/** `PUT /_matrix/client/v3/devices/{deviceId}` · https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3devicesdeviceid */
export const updateDevice = endpoint({
  name: 'updateDevice',
  summary: 'Gives a device a name; application services make devices with it',
  method: 'put',
  paths: ['/_matrix/client/r0/devices/{deviceId}', '/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  body: Type.Object({ display_name: textOrNull }),
  async handle({ params, body, requester }, { devices }: { devices: Devices }) {
    const name = body.display_name ?? undefined;
    if (requester.appserviceId !== undefined) {
      const isNew = await devices.create(requester.userId, params.deviceId, name);
      if (isNew) return json(201, {});
    }
    await devices.rename(requester.userId, params.deviceId, name);
    return {};
  },
});
