import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { missingToken } from '../../../protocol/errors.ts';
import type { Deactivation } from '../../../services/accounts/deactivation.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import { askOwner, authData } from '../interactive-auth.ts';

/** `POST /_matrix/client/v3/account/deactivate` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate */
export const deactivateAccount = endpoint({
  name: 'deactivateAccount',
  summary: 'Ends the account for good',
  method: 'post',
  paths: ['/_matrix/client/r0/account/deactivate', '/_matrix/client/v3/account/deactivate'],
  auth: 'optional',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({ auth: authData, erase: Type.Optional(Type.Boolean()) }),
  async handle(
    { body, requester },
    { deactivation, interactiveAuth }: { deactivation: Deactivation; interactiveAuth: InteractiveAuth },
  ) {
    if (requester === undefined) throw missingToken();
    const question = await askOwner(interactiveAuth, requester, 'deactivateAccount', body);
    if (question) return question;
    await deactivation.deactivate(requester.userId, body.erase === true);
    return { id_server_unbind_result: 'success' };
  },
});
