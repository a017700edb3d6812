import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import { askOwner, authData } from '../interactive-auth.ts';

/** `DELETE /_matrix/client/v3/devices/{deviceId}` · https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3devicesdeviceid */
export const deleteDevice = endpoint({
  name: 'deleteDevice',
  summary: 'Deletes a device and ends its session',
  method: 'delete',
  paths: ['/_matrix/client/r0/devices/{deviceId}', '/_matrix/client/v3/devices/{deviceId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({ auth: authData }),
  async handle(
    { params, body, requester },
    { devices, interactiveAuth }: { devices: Devices; interactiveAuth: InteractiveAuth },
  ) {
    const question = await askOwner(interactiveAuth, requester, `deleteDevice ${params.deviceId}`, body);
    if (question) return question;
    await devices.delete(requester.userId, [params.deviceId]);
    return {};
  },
});
