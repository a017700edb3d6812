import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { emailRequest, proofRequest } from './request-body.ts';

/** `POST /_matrix/client/v3/account/password/email/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpasswordemailrequesttoken */
export const requestTokenToResetPasswordEmail = endpoint({
  name: 'requestTokenToResetPasswordEmail',
  summary: 'Sends a mail to somebody who wants a new password',
  method: 'post',
  paths: [
    '/_matrix/client/r0/account/password/email/requestToken',
    '/_matrix/client/v3/account/password/email/requestToken',
  ],
  auth: 'none',
  rateLimit: 'registration',
  body: emailRequest,
  async handle({ body }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    return { sid: await thirdPartyIds.requestKnown(proofRequest(body)) };
  },
});
