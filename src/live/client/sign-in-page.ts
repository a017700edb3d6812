/** The window in which people sign in to chat on a page of another site, which never sees more than a ticket. */
import { newName } from './outbox.ts';
import { make, page, part } from './page-elements.ts';

interface Kept {
  readonly localStorage: { getItem(name: string): string | null; setItem(name: string, value: string): void };
}
interface Flow {
  readonly type?: string;
  readonly identity_providers?: readonly { readonly id: string; readonly name: string }[];
}
type Answer = { readonly [key: string]: unknown };

const CLIENT = '/_matrix/client';

/** Signing in again on this browser takes the same device. */
function device(): string {
  const { localStorage } = globalThis as unknown as Kept;
  const known = localStorage.getItem('igchat-live-device');
  const id = known ?? `LIVE${newName()}`;
  if (known === null) localStorage.setItem('igchat-live-device', id);
  return id;
}

async function ask(method: string, path: string, body?: object, token?: string): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${CLIENT}${path}`, { method, headers, credentials: 'omit', ...sent });
  const json = (await answer.json()) as Answer;
  if (!answer.ok) throw new Error(String(json['error'] ?? 'That did not work'));
  return json;
}

/** Logs in and hands a ticket to the page that opened this window. */
async function signIn(proof: object): Promise<void> {
  const named = { device_id: device(), initial_device_display_name: 'Live chat' };
  const login = await ask('POST', '/v3/login', { ...proof, ...named });
  const { ticket } = await ask('POST', '/unstable/online.beamify/live/ticket', {}, String(login['access_token']));
  if (!page.opener) throw new Error('You are signed in. Go back to the chat, and press the button there once more');
  page.opener.postMessage({ igchatTicket: ticket }, page.location.origin);
  page.close();
}

function attempt(proof: object): Promise<void> {
  part('go').disabled = true;
  part('problem').textContent = '';
  return signIn(proof)
    .catch((error: unknown) => {
      part('problem').textContent = error instanceof Error ? error.message : 'That did not work';
      part('password').focus();
    })
    .finally(() => {
      part('go').disabled = false;
    });
}

/** Shows the ways to log in that this server has: by password, and by those who vouch for people. */
async function offer(): Promise<void> {
  const flows = (await ask('GET', '/v3/login'))['flows'] as readonly Flow[];
  const hasPassword = flows.some(({ type }) => type === 'm.login.password');
  const sso = flows.find(({ type }) => type === 'm.login.sso');
  const providers = sso?.identity_providers ?? (sso ? [{ id: '', name: 'single sign-on' }] : []);
  part('by-password').hidden = !hasPassword;
  part('or').hidden = !hasPassword || providers.length === 0;
  part('providers').replaceChildren(
    ...providers.map(({ id, name }) => {
      const button = make('button', 'provider', `Continue with ${name}`);
      button.setAttribute('type', 'button');
      const back = encodeURIComponent(`${page.location.origin}${page.location.pathname}`);
      const path = `/v3/login/sso/redirect${id === '' ? '' : `/${encodeURIComponent(id)}`}`;
      button.addEventListener('click', () => page.location.assign(`${CLIENT}${path}?redirectUrl=${back}`));
      return button;
    }),
  );
  // Before there is a script that takes it, the form would go into the address.
  part('go').disabled = false;
  if (hasPassword) part('user').focus();
}

part('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const identifier = { type: 'm.id.user', user: part('user').value.trim() };
  void attempt({ type: 'm.login.password', password: part('password').value, identifier });
});

const token = new URLSearchParams(page.location.search).get('loginToken');
// It is good once and for a short time; even so it does not stay where people copy addresses from.
if (token !== null) page.history.replaceState(null, '', page.location.pathname);
const begun = offer().catch(() => {
  part('problem').textContent = 'The server does not answer. Try again';
});
if (token !== null) void begun.then(() => attempt({ type: 'm.login.token', token }));
