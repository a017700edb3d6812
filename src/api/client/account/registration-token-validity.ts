import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { RegistrationTokens } from '../../../services/accounts/registration-tokens.ts';
import type { Registration } from '../../../services/registration/registration.ts';

/** `GET /_matrix/client/v1/register/m.login.registration_token/validity` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity */
export const registrationTokenValidity = endpoint({
  name: 'registrationTokenValidity',
  summary: 'Whether somebody could register with this token now',
  method: 'get',
  paths: ['/_matrix/client/v1/register/m.login.registration_token/validity'],
  auth: 'none',
  rateLimit: 'login',
  query: Type.Object({ token: Type.String() }),
  async handle(
    { query },
    { registration, registrationTokens }: { registration: Registration; registrationTokens: RegistrationTokens },
  ) {
    registration.checkIsOpen();
    return { valid: await registrationTokens.isValid(query.token) };
  },
});
