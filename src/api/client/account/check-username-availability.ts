import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Registration } from '../../../services/registration/registration.ts';

/** `GET /_matrix/client/v3/register/available` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3registeravailable */
export const checkUsernameAvailability = endpoint({
  name: 'checkUsernameAvailability',
  summary: 'Whether a new user can have this name',
  method: 'get',
  paths: ['/_matrix/client/r0/register/available', '/_matrix/client/v3/register/available'],
  auth: 'none',
  rateLimit: 'search',
  query: Type.Object({ username: Type.String() }),
  async handle({ query }, { registration }: { registration: Registration }) {
    registration.checkIsOpen();
    await registration.checkAvailable(query.username);
    return { available: true };
  },
});
