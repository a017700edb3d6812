import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { type DeviceKeys, ownerOf } from '../../../services/encryption/device-keys.ts';
import { deviceKeysForm, keyMap } from './schemas.ts';

/** `POST /_matrix/client/v3/keys/upload` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload */
export const uploadKeys = endpoint({
  name: 'uploadKeys',
  summary: 'Publishes keys of a device',
  method: 'post',
  paths: ['/_matrix/client/r0/keys/upload', '/_matrix/client/v3/keys/upload', '/_matrix/client/unstable/keys/upload'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { guests: true, suspended: true },
  body: Type.Object({
    device_keys: Type.Optional(deviceKeysForm),
    one_time_keys: Type.Optional(keyMap),
    fallback_keys: Type.Optional(keyMap),
    // Of clients from before the specification had fallback keys.
    'org.matrix.msc2732.fallback_keys': Type.Optional(keyMap),
  }),
  async handle({ body, requester }, { deviceKeys }: { deviceKeys: DeviceKeys }) {
    const counts = await deviceKeys.upload(ownerOf(requester), {
      deviceKeys: body.device_keys,
      oneTimeKeys: body.one_time_keys,
      fallbackKeys: body.fallback_keys ?? body['org.matrix.msc2732.fallback_keys'],
    });
    return { one_time_key_counts: counts.oneTimeKeyCounts };
  },
});
