import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { emailRequest, proofRequest } from './request-body.ts';

/** `POST /_matrix/client/v3/account/3pid/email/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidemailrequesttoken */
export const requestTokenTo3PIDEmail = endpoint({
  name: 'requestTokenTo3PIDEmail',
  summary: 'Sends a mail to an address that somebody wants to add to their account',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/email/requestToken', '/_matrix/client/v3/account/3pid/email/requestToken'],
  auth: 'none',
  rateLimit: 'registration',
  body: emailRequest,
  async handle({ body }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    return { sid: await thirdPartyIds.requestNew(proofRequest(body)) };
  },
});
