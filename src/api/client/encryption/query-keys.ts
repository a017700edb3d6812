import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { KeysOfAnyone } from '../../../services/encryption/keys-of-anyone.ts';
import { DEFAULT_TIMEOUT, timeout } from './schemas.ts';

/** `POST /_matrix/client/v3/keys/query` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysquery */
export const queryKeys = endpoint({
  name: 'queryKeys',
  summary: 'Looks up the keys of users and their devices',
  method: 'post',
  paths: ['/_matrix/client/r0/keys/query', '/_matrix/client/v3/keys/query', '/_matrix/client/unstable/keys/query'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { guests: true, suspended: true },
  body: Type.Object({ device_keys: Type.Record(Type.String(), Type.Array(Type.String())), timeout }),
  handle({ body, requester }, { keys }: { keys: KeysOfAnyone }) {
    return keys.query(body.device_keys, requester.userId, body.timeout ?? DEFAULT_TIMEOUT);
  },
});
