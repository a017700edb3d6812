import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { DehydratedDevices } from '../../../services/encryption/dehydrated-devices.ts';

/** `GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events` */
export const getDehydratedDeviceEvents = endpoint({
  name: 'getDehydratedDeviceEvents',
  extension: 'MSC3814',
  summary: 'What was sent to the device that the user has left with the server',
  method: 'get',
  paths: ['/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events'],
  auth: 'accessToken',
  rateLimit: 'keys',
  query: Type.Object({ next_batch: Type.Optional(Type.String()) }),
  async handle({ params, query, requester }, { dehydratedDevices }: { dehydratedDevices: DehydratedDevices }) {
    return jsonText(await dehydratedDevices.events(requester.userId, params.deviceId, query.next_batch));
  },
});
