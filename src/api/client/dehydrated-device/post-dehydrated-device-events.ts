import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { DehydratedDevices } from '../../../services/encryption/dehydrated-devices.ts';

/** `POST /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events`: what clients of today ask in place of the `GET`. */
export const postDehydratedDeviceEvents = endpoint({
  name: 'postDehydratedDeviceEvents',
  extension: 'MSC3814',
  summary: 'What was sent to the device that the user has left with the server',
  method: 'post',
  paths: ['/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Object({ next_batch: Type.Optional(Type.String()) }),
  async handle({ params, body, requester }, { dehydratedDevices }: { dehydratedDevices: DehydratedDevices }) {
    return jsonText(await dehydratedDevices.events(requester.userId, params.deviceId, body.next_batch));
  },
});
