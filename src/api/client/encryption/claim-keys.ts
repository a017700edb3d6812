import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { KeysOfAnyone } from '../../../services/encryption/keys-of-anyone.ts';
import { DEFAULT_TIMEOUT, timeout } from './schemas.ts';

/** `POST /_matrix/client/v3/keys/claim` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysclaim */
export const claimKeys = endpoint({
  name: 'claimKeys',
  summary: 'Takes one-time keys of devices',
  method: 'post',
  paths: ['/_matrix/client/r0/keys/claim', '/_matrix/client/v3/keys/claim', '/_matrix/client/unstable/keys/claim'],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { guests: true, suspended: true },
  body: Type.Object({ one_time_keys: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())), timeout }),
  handle({ body }, { keys }: { keys: KeysOfAnyone }) {
    return keys.claim(body.one_time_keys, body.timeout ?? DEFAULT_TIMEOUT);
  },
});
