import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Devices } from '../../../services/devices/devices.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import { askOwner, authData } from '../interactive-auth.ts';

/** `POST /_matrix/client/v3/delete_devices` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3delete_devices */
export const deleteDevices = endpoint({
  name: 'deleteDevices',
  summary: 'Deletes devices and ends their sessions',
  method: 'post',
  paths: ['/_matrix/client/r0/delete_devices', '/_matrix/client/v3/delete_devices'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({ devices: Type.Array(Type.String()), auth: authData }),
  async handle(
    { body, requester },
    { devices, interactiveAuth }: { devices: Devices; interactiveAuth: InteractiveAuth },
  ) {
    const question = await askOwner(interactiveAuth, requester, 'deleteDevices', body);
    if (question) return question;
    await devices.delete(requester.userId, body.devices);
    return {};
  },
});
