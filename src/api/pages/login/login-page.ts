/** The page on which people log in for an app that knows none of the ways of this server. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Reply, raw } from '../../../http/reply.ts';
import { page } from '../page.ts';

let known: { readonly text: string; readonly hash: string } | undefined;

/** What runs in the browser, as it was built. */
function script() {
  const built = () => readFileSync(new URL('./login-script.js', import.meta.url), 'utf8');
  known ??= withHash(built().replace(/\n\/\/# sourceMappingURL=.*/, '\n'));
  return known;
}

function withHash(text: string) {
  return { text, hash: createHash('sha256').update(text).digest('base64') };
}

const passwordForm = (nameOf: string) => `<form id="password-form">
<label>${nameOf}<input id="user" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
<label>Password<input id="password" type="password" autocomplete="current-password" required></label>
<button id="go">Log in</button></form>`;

export interface LoginWays {
  /** HTML of the links to providers; empty without any. */
  readonly providers: string;
  readonly hasPasswords: boolean;
  /** Whether people can log in with their address. */
  readonly hasEmail: boolean;
}

/** @param isBack whether somebody comes back from a provider */
export function loginPage({ providers, hasPasswords, hasEmail }: LoginWays, isBack: boolean): Reply {
  const form = passwordForm(hasEmail ? 'User name or e-mail address' : 'User name');
  const ways = [...(providers === '' ? [] : [providers]), ...(hasPasswords ? [form] : [])];
  const none = '<p>This server has no way to log in here. Ask its administrator which app to use.</p>';
  const body =
    '<noscript><p role="alert">This page needs JavaScript.</p></noscript>' +
    `<p id="waiting" role="status"${isBack ? '' : ' hidden'}>Logging in…</p>` +
    '<p role="alert"><strong id="problem"></strong></p>' +
    `<div id="ways"${isBack ? ' hidden' : ''}>${ways.length === 0 ? none : ways.join('<p>or</p>')}</div>` +
    '<p id="done" role="status" tabindex="-1" hidden>You are logged in. You can go back to your app now.</p>' +
    `<script type="module">${script().text}</script>`;
  const shown = page(200, 'Log in', body);
  // Apps are told by a frame whose address they catch before it is loaded.
  const policy = `${shown.headers['Content-Security-Policy']}; script-src 'sha256-${script().hash}'; connect-src 'self'; frame-src js:`;
  return raw(200, { ...shown.headers, 'Content-Security-Policy': policy }, shown.body);
}
