import type { Reply } from '../../../http/reply.ts';
import type { Term } from '../../../services/sessions/terms-stage.ts';
import { escapeHtml, page } from '../page.ts';

/** Asks somebody to agree to the terms. */
export function termsPage(terms: readonly Term[]): Reply {
  const links = terms.map(
    ({ name, url }) => `<li><a href="${escapeHtml(url)}" target="_blank" rel="noopener">${escapeHtml(name)}</a></li>`,
  );
  return page(
    200,
    'Please read and agree',
    `<ul>${links.join('')}</ul><form method="post"><button>I agree</button></form>`,
  );
}

export function agreedPage(): Reply {
  return page(200, 'Thank you', '<p role="status">You have agreed. You can go back to your app now.</p>');
}
