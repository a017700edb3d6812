import Type from 'typebox';
import { endpoint } from '../../http/endpoint.ts';
import type { ThirdPartyIds } from '../../services/third-party-ids/third-party-ids.ts';
import { escapeHtml, page } from './page.ts';
import { uselessLink } from './show-email-confirmation.ts';

/** `POST /_igchat/email/confirm`: the button on the page behind the link of a mail. */
export const confirmEmail = endpoint({
  name: 'confirmEmail',
  extension: 'the specification leaves the page behind the link of a mail to servers',
  summary: 'Somebody who reads the mail of an address says that it is theirs',
  method: 'post',
  paths: ['/_igchat/email/confirm'],
  auth: 'none',
  rateLimit: 'general',
  bodyKind: 'raw',
  query: Type.Object({ sid: Type.String(), token: Type.String() }),
  async handle({ query }, { thirdPartyIds }: { thirdPartyIds: ThirdPartyIds }) {
    if (!thirdPartyIds.hasEmail) return uselessLink();
    const { proofs } = thirdPartyIds;
    const link = await proofs.ofLink(query.sid, query.token);
    if (!link || !(await proofs.confirm(query.sid, query.token))) return uselessLink();
    const { nextLink } = link;
    const next = nextLink === undefined ? '' : `<a class="button" href="${escapeHtml(nextLink)}">Go on</a>`;
    return page(200, 'Your address is confirmed', `<p>You can go back to your app now.</p>${next}`);
  },
});
