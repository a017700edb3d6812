import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { redirect } from '../../../http/reply.ts';
import { unrecognized } from '../../../protocol/errors.ts';
import { clientAddress } from '../../../services/sso/client-address.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { refusalPage, startAddress } from '../../pages/sso/sso-pages.ts';

/** Clients name the purpose as they like: what is not known is as if nothing was said. */
export const ssoQuery = Type.Object({ redirectUrl: Type.String(), action: Type.Optional(Type.String()) });

/** `GET /_matrix/client/v3/login/sso/redirect` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3loginssoredirect */
export const redirectToSSO = endpoint({
  name: 'redirectToSSO',
  summary: 'Sends a browser to the provider with which people log in, or to the choice of one',
  method: 'get',
  paths: ['/_matrix/client/r0/login/sso/redirect', '/_matrix/client/v3/login/sso/redirect'],
  auth: 'none',
  rateLimit: 'general',
  query: ssoQuery,
  handle({ query }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    const [first, second] = sso.providers;
    if (first === undefined) throw unrecognized();
    try {
      const more = query.action === undefined ? {} : { action: query.action };
      const asked = { redirectUrl: clientAddress(query.redirectUrl), ...more };
      return redirect(startAddress(sso, second === undefined ? first.settings.id : undefined, asked));
    } catch (error) {
      return refusalPage(error);
    }
  },
});
