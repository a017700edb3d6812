import { type Reply, raw } from '../../http/reply.ts';
import type { CaptchaSettings } from '../../services/sessions/captcha-stage.ts';
import { escapeHtml, page } from './page.ts';

/** Where the scripts of the services are, the class of what they fill, and what else they fetch. */
const SERVICES = {
  recaptcha: {
    script: 'https://www.recaptcha.net/recaptcha/api.js',
    widget: 'g-recaptcha',
    sources: 'https://www.recaptcha.net https://www.google.com https://www.gstatic.com https://recaptcha.google.com',
  },
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js',
    widget: 'h-captcha',
    sources: 'https://hcaptcha.com https://*.hcaptcha.com',
  },
};

/** The names of the answer in the form that the scripts fill. */
export const CAPTCHA_ANSWERS: readonly string[] = ['g-recaptcha-response', 'h-captcha-response'];

/** The question of a captcha service, in what its script may do and nothing more. @param form HTML around the fields */
export function captchaPage(
  status: number,
  { siteKey = '', service, scriptUrl }: CaptchaSettings,
  form: (inner: string) => string,
): Reply {
  const { script, widget, sources } = SERVICES[service];
  const address = scriptUrl ?? script;
  const body =
    '<noscript><p role="alert">This page needs JavaScript.</p></noscript>' +
    form(`<div class="${widget}" data-sitekey="${escapeHtml(siteKey)}"></div><button>Go on</button>`) +
    `<script src="${escapeHtml(address)}" async defer></script>`;
  const shown = page(status, 'Are you a person?', body);
  const from = `${sources} ${new URL(address).origin}`;
  const csp =
    `default-src 'none'; style-src 'unsafe-inline' ${from}; script-src ${from}; frame-src ${from}; ` +
    `connect-src ${from}; img-src ${from}; form-action 'self'; frame-ancestors 'none'`;
  return raw(status, { ...shown.headers, 'Content-Security-Policy': csp }, shown.body);
}
