/** The pages on which people pass a stage for an app that does not know it. */
import { createHash } from 'node:crypto';
import { type Reply, raw } from '../../http/reply.ts';
import type { CaptchaSettings } from '../../services/sessions/captcha-stage.ts';
import type { Term } from '../../services/sessions/terms-stage.ts';
import { captchaPage } from './captcha-page.ts';
import { escapeHtml, page } from './page.ts';

/** Tells the app that has opened the page, as the specification says. */
const TELL_APP =
  'if(window.onAuthDone)window.onAuthDone();else if(window.opener&&window.opener.postMessage)window.opener.postMessage("authDone","*");';
const HASH = createHash('sha256').update(TELL_APP).digest('base64');

/** Types of stages of registration that can be passed on a page. */
export const FALLBACK_STAGES: readonly string[] = [
  'm.login.terms',
  'm.login.registration_token',
  'm.login.recaptcha',
  'm.login.dummy',
];

/** What the pages show of the settings of registration. */
export interface Asked {
  readonly terms: readonly Term[];
  readonly captcha: CaptchaSettings;
}

/** The question of a stage. @param refusal what was wrong with the answer before */
export function questionPage(type: string, { terms, captcha }: Asked, refusal?: string): Reply {
  const error = refusal === undefined ? '' : `<p role="alert"><strong>${escapeHtml(refusal)}</strong></p>`;
  const form = (inner: string) => `${error}<form method="post">${inner}</form>`;
  const status = refusal === undefined ? 200 : 400;
  if (type === 'm.login.terms') {
    const links = terms.map(
      ({ name, url }) => `<li><a href="${escapeHtml(url)}" target="_blank">${escapeHtml(name)}</a></li>`,
    );
    return page(status, 'Please read and agree', `<ul>${links.join('')}</ul>${form('<button>I agree</button>')}`);
  }
  if (type === 'm.login.registration_token') {
    const field = '<label>Token<input name="token" autocomplete="off" autocapitalize="none" required></label>';
    return page(status, 'Your registration token', form(`${field}<button>Go on</button>`));
  }
  if (type === 'm.login.recaptcha') return captchaPage(status, captcha, form);
  return page(status, 'Go on?', form('<button>Go on</button>'));
}

/** What is shown when the stage is passed; the app closes it. */
export function donePage(): Reply {
  const shown = page(200, 'Thank you', `<p>You can go back to your app now.</p><script>${TELL_APP}</script>`);
  const csp = `${shown.headers['Content-Security-Policy']}; script-src 'sha256-${HASH}'`;
  return raw(200, { ...shown.headers, 'Content-Security-Policy': csp }, shown.body);
}
