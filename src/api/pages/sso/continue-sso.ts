import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { forgetting, keptBy, sendTo } from './sso-cookie.ts';
import { refusalPage } from './sso-pages.ts';

/** `GET /_igchat/sso/continue`: a link, because browsers let no form lead to an app. */
export const continueSso = endpoint({
  name: 'continueSso',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Sends people who want to go on back to their client, with a token',
  method: 'get',
  paths: ['/_igchat/sso/continue'],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({ id: Type.String() }),
  async handle({ query: { id }, request }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    try {
      return forgetting(sendTo(await sso.returnAddress(id, keptBy(request, id))), sso, id);
    } catch (error) {
      return refusalPage(error);
    }
  },
});
