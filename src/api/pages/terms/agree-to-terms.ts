import { endpoint } from '../../../http/endpoint.ts';
import type { Consent } from '../../../services/consent/consent.ts';
import { refusalPage } from '../sso/sso-pages.ts';
import { termsQuery } from './show-terms.ts';
import { agreedPage } from './terms-page.ts';

/** `POST /_igchat/terms` */
export const agreeToTerms = endpoint({
  name: 'agreeToTerms',
  extension: 'the specification has terms when people register alone',
  summary: 'Somebody agrees to the terms of the server',
  method: 'post',
  paths: ['/_igchat/terms'],
  auth: 'none',
  rateLimit: 'general',
  bodyKind: 'raw',
  query: termsQuery,
  async handle({ query: { user, key } }, { consent }: { consent: Consent }) {
    try {
      await consent.agree(user, key);
      return agreedPage();
    } catch (error) {
      return refusalPage(error);
    }
  },
});
