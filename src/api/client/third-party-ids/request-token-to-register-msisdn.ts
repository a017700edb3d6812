import { endpoint } from '../../../http/endpoint.ts';
import { phoneRequest, refusePhoneNumber } from './refuse-phone-number.ts';

/** `POST /_matrix/client/v3/register/msisdn/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registermsisdnrequesttoken */
export const requestTokenToRegisterMSISDN = endpoint({
  name: 'requestTokenToRegisterMSISDN',
  summary: 'Refused: people do not register with phone numbers',
  method: 'post',
  paths: ['/_matrix/client/r0/register/msisdn/requestToken', '/_matrix/client/v3/register/msisdn/requestToken'],
  auth: 'none',
  rateLimit: 'registration',
  body: phoneRequest,
  handle: refusePhoneNumber,
});
