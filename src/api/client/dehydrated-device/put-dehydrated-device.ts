import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { DehydratedDevices } from '../../../services/encryption/dehydrated-devices.ts';
import { deviceKeysForm, keyMap } from '../encryption/schemas.ts';

/** `PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device` */
export const putDehydratedDevice = endpoint({
  name: 'putDehydratedDevice',
  extension: 'MSC3814',
  summary: 'Leaves a device with the server',
  method: 'put',
  paths: ['/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Object({
    device_id: Type.String(),
    device_data: jsonObject,
    initial_device_display_name: Type.Optional(Type.String()),
    device_keys: deviceKeysForm,
    one_time_keys: Type.Optional(keyMap),
    fallback_keys: Type.Optional(keyMap),
  }),
  async handle({ body, requester }, { dehydratedDevices }: { dehydratedDevices: DehydratedDevices }) {
    await dehydratedDevices.put(requester.userId, {
      deviceId: body.device_id,
      data: body.device_data,
      displayName: body.initial_device_display_name,
      keys: { deviceKeys: body.device_keys, oneTimeKeys: body.one_time_keys, fallbackKeys: body.fallback_keys },
    });
    return { device_id: body.device_id };
  },
});
