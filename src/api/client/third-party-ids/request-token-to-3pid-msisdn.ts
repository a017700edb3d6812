import { endpoint } from '../../../http/endpoint.ts';
import { phoneRequest, refusePhoneNumber } from './refuse-phone-number.ts';

/** `POST /_matrix/client/v3/account/3pid/msisdn/requestToken` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidmsisdnrequesttoken */
export const requestTokenTo3PIDMSISDN = endpoint({
  name: 'requestTokenTo3PIDMSISDN',
  summary: 'Refused: phone numbers cannot be added to accounts',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/msisdn/requestToken', '/_matrix/client/v3/account/3pid/msisdn/requestToken'],
  auth: 'none',
  rateLimit: 'registration',
  body: phoneRequest,
  handle: refusePhoneNumber,
});
