import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Registration } from '../../../services/registration/registration.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { keptBy } from './sso-cookie.ts';
import { refusalPage, stepReply } from './sso-pages.ts';

/** `GET /_igchat/sso/callback/{idpId}`: the redirect address that the provider is told. */
export const finishSso = endpoint({
  name: 'finishSso',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Where a provider sends people back to',
  method: 'get',
  paths: ['/_igchat/sso/callback/{idpId}'],
  auth: 'none',
  rateLimit: 'login',
  query: Type.Object({ state: Type.Optional(Type.String()) }),
  async handle(
    { params, query, request },
    { singleSignOn: sso, registration }: { singleSignOn: SingleSignOn; registration: Registration },
  ) {
    const id = query.state ?? '';
    try {
      const step = await sso.finish(params.idpId, id, request.search, keptBy(request, id));
      return stepReply(sso, id, step, registration.terms);
    } catch (error) {
      return refusalPage(error);
    }
  },
});
