import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { clientAddress } from '../../../services/sso/client-address.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { page } from '../page.ts';
import { providerLinks, refusalPage } from './sso-pages.ts';

/** `GET /_igchat/sso/start`: for clients that leave it to the server which provider it is. */
export const chooseSsoProvider = endpoint({
  name: 'chooseSsoProvider',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Lets people choose among the providers',
  method: 'get',
  paths: ['/_igchat/sso/start'],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({ redirectUrl: Type.String(), action: Type.Optional(Type.String()) }),
  handle({ query }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    try {
      const redirectUrl = clientAddress(query.redirectUrl);
      const more = query.action === undefined ? {} : { action: query.action };
      return page(200, 'How do you want to log in?', providerLinks(sso, { redirectUrl, ...more }));
    } catch (error) {
      return refusalPage(error);
    }
  },
});
