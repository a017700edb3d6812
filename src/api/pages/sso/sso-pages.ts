/** The pages that people meet when they log in with a provider. */
import type { Reply } from '../../../http/reply.ts';
import { MatrixError } from '../../../protocol/errors.ts';
import type { Term } from '../../../services/sessions/terms-stage.ts';
import { addressName } from '../../../services/sso/client-address.ts';
import type { LoginStep, Question, SingleSignOn } from '../../../services/sso/single-sign-on.ts';
import { donePage } from '../auth-fallback-page.ts';
import { escapeHtml, page } from '../page.ts';
import { forgetting, keeping, sendTo } from './sso-cookie.ts';

/** Where a browser starts with a provider. @param query what it logs in for */
export function startAddress(
  sso: SingleSignOn,
  providerId: string | undefined,
  query: Readonly<Record<string, string>>,
) {
  const path = providerId === undefined ? '' : `/${encodeURIComponent(providerId)}`;
  return `${sso.baseUrl}/_igchat/sso/start${path}?${new URLSearchParams(query)}`;
}

/** A button for each provider. */
export function providerLinks(
  sso: SingleSignOn,
  query: Readonly<Record<string, string>>,
  isOffered: (issuer: string) => boolean = () => true,
): string {
  const links = sso.providers
    .filter(({ settings }) => isOffered(settings.issuer))
    .map(({ settings: { id, name } }) => {
      const address = startAddress(sso, id, query);
      return `<a class="button" href="${escapeHtml(address)}">Continue with ${escapeHtml(name)}</a>`;
    });
  return `<nav aria-label="Ways to log in">${links.join('')}</nav>`;
}

/** What a browser is shown or where it is sent after a step of a login. */
export function stepReply(sso: SingleSignOn, id: string, step: LoginStep, terms: readonly Term[]): Reply {
  if (step.kind === 'return') return forgetting(sendTo(step.address), sso, id);
  if (step.kind === 'confirmed') return forgetting(donePage(), sso, id);
  if (step.kind === 'name') return keeping(namePage(sso, id, step.suggestion, terms), sso, step.kept);
  const address = `${sso.baseUrl}/_igchat/sso/continue?id=${encodeURIComponent(id)}`;
  const name = escapeHtml(addressName(step.redirectUrl));
  const shown = page(
    200,
    `Continue to ${addressName(step.redirectUrl)}?`,
    `<p>You are logged in as <strong>${escapeHtml(step.userId)}</strong>.</p>` +
      `<p>If you go on, <strong>${name}</strong> can read and write messages as you. Do so only if that is the app you came from.</p>` +
      `<a class="button" href="${escapeHtml(address)}">Continue to ${name}</a>`,
  );
  return keeping(shown, sso, step.kept);
}

/** Asks somebody new for a user name, and to agree to the terms if there are any. @param refusal what was wrong with it */
export function namePage(
  sso: SingleSignOn,
  id: string,
  suggestion: string,
  terms: readonly Term[],
  refusal?: string,
): Reply {
  const error = refusal === undefined ? '' : `<p role="alert" id="error"><strong>${escapeHtml(refusal)}</strong></p>`;
  const action = `${sso.baseUrl}/_igchat/sso/name?id=${encodeURIComponent(id)}`;
  const described = refusal === undefined ? 'hint' : 'error hint';
  return page(
    refusal === undefined ? 200 : 400,
    'Choose your user name',
    `${error}<form method="post" action="${escapeHtml(action)}">` +
      `<label for="username">User name</label>` +
      `<input id="username" name="username" value="${escapeHtml(suggestion)}" required autofocus maxlength="200" ` +
      `autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="${described}">` +
      `<p id="hint">Small letters a-z, digits and . _ - are good. It cannot be changed later.</p>` +
      `${agreement(terms)}<button>Make my account</button></form>`,
  );
}

function agreement(terms: readonly Term[]): string {
  if (terms.length === 0) return '';
  const links = terms.map(
    ({ name, url }) => `<li><a href="${escapeHtml(url)}" target="_blank" rel="noopener">${escapeHtml(name)}</a></li>`,
  );
  return (
    `<p>Please read:</p><ul>${links.join('')}</ul>` +
    `<label class="choice"><input type="checkbox" name="agree" value="yes" required> I agree</label>`
  );
}

/** What people confirm, by the operation of interactive authentication. */
const OPERATIONS: Readonly<Record<string, string>> = {
  deleteDevice: 'end a session',
  deleteDevices: 'end sessions',
  deactivateAccount: 'delete your account for good',
  changePassword: 'set a new password',
  add3PID: 'add an e-mail address to your account',
  uploadCrossSigningKeys: 'replace the keys by which others know you',
  generateLoginToken: 'log in another device',
};

/** Asks somebody to log in once more, because an app wants to do something as them. */
export function confirmationPage(sso: SingleSignOn, session: string, { operation, userId, issuers }: Question): Reply {
  const [name = ''] = operation.split(' ', 1);
  const what = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : 'change your account';
  return page(
    200,
    'Is it you?',
    `<p>An app wants to <strong>${escapeHtml(what ?? '')}</strong> as <strong>${escapeHtml(userId)}</strong>.</p>` +
      '<p>If that is what you want, log in once more. If not, close this page.</p>' +
      providerLinks(sso, { session }, (issuer) => issuers.includes(issuer)),
  );
}

/** A refusal as a page. Whatever is no refusal is thrown on. */
export function refusalPage(error: unknown): Reply {
  if (!(error instanceof MatrixError) || error.errcode === 'M_LIMIT_EXCEEDED') throw error;
  return page(error.status, 'That did not work', `<p role="alert">${escapeHtml(error.message)}</p>`);
}
