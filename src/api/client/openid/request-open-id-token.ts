import { endpoint } from '../../../http/endpoint.ts';
import { ignoredBody } from '../../../http/schemas.ts';
import { forbidden } from '../../../protocol/errors.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { OpenIdTokens } from '../../../services/sessions/open-id-tokens.ts';

/** `POST /_matrix/client/v3/user/{userId}/openid/request_token` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridopenidrequest_token */
export const requestOpenIdToken = endpoint({
  name: 'requestOpenIdToken',
  summary: 'Makes a token that tells another service who the user is',
  method: 'post',
  paths: [
    '/_matrix/client/r0/user/{userId}/openid/request_token',
    '/_matrix/client/v3/user/{userId}/openid/request_token',
  ],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { guests: true },
  body: ignoredBody,
  async handle({ params, requester }, { openIdTokens }: { openIdTokens: OpenIdTokens }) {
    if (params.userId !== requester.userId) throw forbidden('You cannot prove that you are another user');
    const { token, expiresInMs } = await openIdTokens.create(requester.userId);
    return {
      access_token: token,
      token_type: 'Bearer',
      matrix_server_name: serverOf(requester.userId),
      expires_in: expiresInMs / 1000,
    };
  },
});
