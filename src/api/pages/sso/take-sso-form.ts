import { text } from 'node:stream/consumers';
import { endpoint } from '../../../http/endpoint.ts';
import type { SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { seeOther } from './sso-cookie.ts';

const MAX_FORM = 64 * 1024;
/** Of a form, what the answer to a request for a code is: Apple sends more, that is of no use in an address. */
const ANSWER = ['code', 'state', 'iss', 'error', 'error_description'];

/**
 * `POST /_igchat/sso/callback/{idpId}`: the redirect address of providers that send people back with a form. Browsers send
 * no cookie along with the form of another site, but do so when they are sent on from there.
 * Source: https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html
 */
export const takeSsoForm = endpoint({
  name: 'takeSsoForm',
  extension: 'the specification leaves the way to a provider and back to servers',
  summary: 'Where a provider sends people back to with a form',
  method: 'post',
  paths: ['/_igchat/sso/callback/{idpId}'],
  auth: 'none',
  rateLimit: 'general',
  bodyKind: 'raw',
  async handle({ params, request }, { singleSignOn: sso }: { singleSignOn: SingleSignOn }) {
    const form = new URLSearchParams(await text(request.stream(MAX_FORM)));
    const answer = new URLSearchParams();
    for (const name of ANSWER) {
      const value = form.get(name);
      if (value !== null) answer.set(name, value);
    }
    return seeOther(`${sso.baseUrl}/_igchat/sso/callback/${encodeURIComponent(params.idpId)}?${answer}`);
  },
});
