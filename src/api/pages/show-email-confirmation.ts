import Type from 'typebox';
import { endpoint } from '../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../services/third-party-ids/third-party-ids.ts';
import { escapeHtml, page } from './page.ts';

/** What is said of a link that is not good. */
export const uselessLink = () =>
  page(
    400,
    'This link is no longer good',
    '<p>It was used too late, or not copied as a whole. Ask for a new mail.</p>',
  );

/** `GET /_igchat/email/confirm`: where the link of a mail leads. */
export const showEmailConfirmation = endpoint({
  name: 'showEmailConfirmation',
  extension: 'the specification leaves the page behind the link of a mail to servers',
  summary: 'Asks whether an address is theirs; opening it does nothing, for programs open links in mails too',
  method: 'get',
  paths: ['/_igchat/email/confirm'],
  auth: 'none',
  rateLimit: 'general',
  query: Type.Object({ sid: Type.String(), token: Type.String() }),
  async handle({ query }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    const link = thirdPartyIds.hasEmail ? await thirdPartyIds.proofs.ofLink(query.sid, query.token) : undefined;
    if (!link) return uselessLink();
    const action = `?sid=${encodeURIComponent(query.sid)}&token=${encodeURIComponent(query.token)}`;
    return page(
      200,
      'Is this your address?',
      `<p>${escapeHtml(link.address)}</p>` +
        `<form method="post" action="${escapeHtml(action)}"><button>Yes, it is mine</button></form>`,
    );
  },
});
