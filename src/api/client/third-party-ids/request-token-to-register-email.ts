import { endpoint } from '../../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { emailRequest, proofRequest } from './request-body.ts';

/** `POST /_matrix/client/v3/register/email/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registeremailrequesttoken */
export const requestTokenToRegisterEmail = endpoint({
  name: 'requestTokenToRegisterEmail',
  summary: 'Sends a mail to the address of somebody who wants to register',
  method: 'post',
  paths: ['/_matrix/client/r0/register/email/requestToken', '/_matrix/client/v3/register/email/requestToken'],
  auth: 'none',
  rateLimit: 'registration',
  body: emailRequest,
  async handle({ body }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    return { sid: await thirdPartyIds.requestNew(proofRequest(body)) };
  },
});
