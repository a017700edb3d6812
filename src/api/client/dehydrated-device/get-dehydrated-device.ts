import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { DehydratedDevices } from '../../../services/encryption/dehydrated-devices.ts';

/** `GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device` */
export const getDehydratedDevice = endpoint({
  name: 'getDehydratedDevice',
  extension: 'MSC3814',
  summary: 'The device that the user has left with the server',
  method: 'get',
  paths: ['/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'],
  auth: 'accessToken',
  rateLimit: 'keys',
  async handle({ requester }, { dehydratedDevices }: { dehydratedDevices: DehydratedDevices }) {
    const row = await dehydratedDevices.get(requester.userId);
    return jsonText(`{"device_id":${JSON.stringify(row.device_id)},"device_data":${row.device_data}}`);
  },
});
