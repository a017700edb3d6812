import { endpoint } from '../../../http/endpoint.ts';
import type { DehydratedDevices } from '../../../services/encryption/dehydrated-devices.ts';

/** `DELETE /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device` */
export const deleteDehydratedDevice = endpoint({
  name: 'deleteDehydratedDevice',
  extension: 'MSC3814',
  summary: 'Deletes the device that the user has left with the server',
  method: 'delete',
  paths: ['/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  async handle({ requester }, { dehydratedDevices }: { dehydratedDevices: DehydratedDevices }) {
    return { device_id: await dehydratedDevices.delete(requester.userId) };
  },
});
