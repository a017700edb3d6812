import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { invalidParam } from '../../../protocol/errors.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { keeping, sendTo } from './sso-cookie.ts';
import { refusalPage } from './sso-pages.ts';

/** `GET /_igchat/sso/start/{idpId}`: the public address of the server itself, for which the browser can keep the login. */
export const startSso = endpoint({
  name: 'startSso',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Sends a browser to a provider, to log in to a client or to confirm an operation',
  method: 'get',
  paths: ['/_igchat/sso/start/{idpId}'],
  auth: 'none',
  rateLimit: 'login',
  query: Type.Object({
    redirectUrl: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
    session: Type.Optional(Type.String()),
  }),
  async handle({ params, query }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    const { redirectUrl, session, action } = query;
    try {
      if (redirectUrl === undefined && session === undefined) throw invalidParam('"redirectUrl" is missing');
      const purpose =
        redirectUrl === undefined ? { session: session ?? '' } : { redirectUrl, isNew: action === 'register' };
      const { kept, address } = await sso.begin(params.idpId, purpose);
      return keeping(sendTo(address), sso, kept);
    } catch (error) {
      return refusalPage(error);
    }
  },
});
