import { endpoint } from '../../../http/endpoint.ts';
import type { SharedSecretRegistration } from '../../../services/registration/shared-secret-registration.ts';

/** `GET /_synapse/admin/v1/register` · https://element-hq.github.io/synapse/latest/admin_api/register_api.html */
export const getRegistrationNonce = endpoint({
  name: 'getRegistrationNonce',
  summary: 'A nonce for one registration with the shared secret',
  extension: 'the admin API of Synapse, which scripts and test suites use',
  method: 'get',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'registration',
  handle(_, { sharedSecretRegistration }: { sharedSecretRegistration: SharedSecretRegistration }) {
    return { nonce: sharedSecretRegistration.nonce() };
  },
});
