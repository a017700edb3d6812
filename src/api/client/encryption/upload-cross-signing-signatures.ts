import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { KeySignatures } from '../../../services/encryption/key-signatures.ts';

/** `POST /_matrix/client/v3/keys/signatures/upload` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keyssignaturesupload */
export const uploadCrossSigningSignatures = endpoint({
  name: 'uploadCrossSigningSignatures',
  summary: 'Publishes signatures of devices and master keys',
  method: 'post',
  paths: [
    '/_matrix/client/r0/keys/signatures/upload',
    '/_matrix/client/v3/keys/signatures/upload',
    '/_matrix/client/unstable/keys/signatures/upload',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Record(Type.String(), Type.Record(Type.String(), jsonObject)),
  async handle({ body, requester }, { keySignatures }: { keySignatures: KeySignatures }) {
    return { failures: await keySignatures.upload(requester.userId, body) };
  },
});
