import { endpoint } from '../../../http/endpoint.ts';
import { redirect } from '../../../http/reply.ts';
import { clientAddress } from '../../../services/sso/client-address.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { refusalPage, startAddress } from '../../pages/sso/sso-pages.ts';
import { ssoQuery } from './redirect-to-sso.ts';

/** `GET /_matrix/client/v3/login/sso/redirect/{idpId}` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3loginssoredirectidpid */
export const redirectToIdP = endpoint({
  name: 'redirectToIdP',
  summary: 'Sends a browser to one of the providers with which people log in',
  method: 'get',
  paths: ['/_matrix/client/r0/login/sso/redirect/{idpId}', '/_matrix/client/v3/login/sso/redirect/{idpId}'],
  auth: 'none',
  rateLimit: 'general',
  query: ssoQuery,
  handle({ params, query }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    try {
      const { id } = sso.provider(params.idpId).settings;
      const more = query.action === undefined ? {} : { action: query.action };
      return redirect(startAddress(sso, id, { redirectUrl: clientAddress(query.redirectUrl), ...more }));
    } catch (error) {
      return refusalPage(error);
    }
  },
});
