import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { CrossSigning } from '../../../services/encryption/cross-signing.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import { askOwner, authData } from '../interactive-auth.ts';

/** `POST /_matrix/client/v3/keys/device_signing/upload` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysdevice_signingupload */
export const uploadCrossSigningKeys = endpoint({
  name: 'uploadCrossSigningKeys',
  summary: 'Publishes cross-signing keys',
  method: 'post',
  paths: [
    '/_matrix/client/r0/keys/device_signing/upload',
    '/_matrix/client/v3/keys/device_signing/upload',
    '/_matrix/client/unstable/keys/device_signing/upload',
  ],
  auth: 'accessToken',
  rateLimit: 'keys',
  allow: { suspended: true },
  body: Type.Object({
    master_key: Type.Optional(jsonObject),
    self_signing_key: Type.Optional(jsonObject),
    user_signing_key: Type.Optional(jsonObject),
    auth: authData,
  }),
  async handle(
    { body, requester },
    { crossSigning, interactiveAuth }: { crossSigning: CrossSigning; interactiveAuth: InteractiveAuth },
  ) {
    const keys = { master: body.master_key, self_signing: body.self_signing_key, user_signing: body.user_signing_key };
    if (await crossSigning.upload(requester.userId, keys, false)) return {};
    const question = await askOwner(interactiveAuth, requester, 'uploadCrossSigningKeys', body);
    if (question) return question;
    await crossSigning.upload(requester.userId, keys, true);
    return {};
  },
});
