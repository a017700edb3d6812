import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { Consent } from '../../../services/consent/consent.ts';
import { refusalPage } from '../sso/sso-pages.ts';
import { agreedPage, termsPage } from './terms-page.ts';

/** The address that {@link Consent.addressFor} gives somebody. */
export const termsQuery = Type.Object({ user: Type.String(), key: Type.String() });

/** `GET /_igchat/terms` */
export const showTerms = endpoint({
  name: 'showTerms',
  extension: 'the specification has terms when people register alone',
  summary: 'The terms of the server, for people who have not agreed to them',
  method: 'get',
  paths: ['/_igchat/terms'],
  auth: 'none',
  rateLimit: 'general',
  query: termsQuery,
  async handle({ query: { user, key } }, { consent }: { consent: Consent }) {
    try {
      return (await consent.hasAgreed(user, key)) ? agreedPage() : termsPage(consent.terms);
    } catch (error) {
      return refusalPage(error);
    }
  },
});
