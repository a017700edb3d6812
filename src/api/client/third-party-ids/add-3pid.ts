import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { InteractiveAuth } from '../../../services/sessions/interactive-auth.ts';
import type { ThirdPartyIds } from '../../../services/third-party-ids/third-party-ids.ts';
import { askOwner, authData } from '../interactive-auth.ts';

interface Needs {
  readonly thirdPartyIds: ThirdPartyIds;
  readonly interactiveAuth: InteractiveAuth;
}

/** `POST /_matrix/client/v3/account/3pid/add` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidadd */
export const add3PID = endpoint({
  name: 'add3PID',
  summary: 'Adds an address to the account that its user has proven to have',
  method: 'post',
  paths: ['/_matrix/client/r0/account/3pid/add', '/_matrix/client/v3/account/3pid/add'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({ auth: authData, client_secret: Type.String(), sid: Type.String() }),
  async handle({ body, requester }, { thirdPartyIds, interactiveAuth }: Needs) {
    const question = await askOwner(interactiveAuth, requester, 'add3PID', body);
    if (question) return question;
    await thirdPartyIds.add(requester.userId, body.sid, body.client_secret);
    return {};
  },
});
