import { endpoint } from '../../../http/endpoint.ts';
import { phoneRequest, refusePhoneNumber } from './refuse-phone-number.ts';

/** `POST /_matrix/client/v3/account/password/msisdn/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpasswordmsisdnrequesttoken */
export const requestTokenToResetPasswordMSISDN = endpoint({
  name: 'requestTokenToResetPasswordMSISDN',
  summary: 'Refused: passwords are not reset with phone numbers',
  method: 'post',
  paths: [
    '/_matrix/client/r0/account/password/msisdn/requestToken',
    '/_matrix/client/v3/account/password/msisdn/requestToken',
  ],
  auth: 'none',
  rateLimit: 'registration',
  body: phoneRequest,
  handle: refusePhoneNumber,
});
