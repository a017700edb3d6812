/** The window in which people sign in to chat on a page of another site, which never sees more than a ticket. */
import { newName } from './outbox.ts';
import { page, part } from './page-elements.ts';

interface Answered {
  readonly ok: boolean;
  json(): Promise<{ readonly [key: string]: unknown }>;
}
interface Browser {
  fetch(url: string, options: object): Promise<Answered>;
  readonly localStorage: { getItem(name: string): string | null; setItem(name: string, value: string): void };
}
const browser = globalThis as unknown as Browser;

/** Signing in again on this browser takes the same device. */
function device(): string {
  const known = browser.localStorage.getItem('igchat-live-device');
  const id = known ?? `LIVE${newName()}`;
  if (known === null) browser.localStorage.setItem('igchat-live-device', id);
  return id;
}

async function post(path: string, body: object, token?: string): Promise<{ readonly [key: string]: unknown }> {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const options = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' };
  const answer = await browser.fetch(new URL(path, page.location.origin).href, options);
  const json = await answer.json();
  if (!answer.ok) throw new Error(String(json['error'] ?? 'That did not work'));
  return json;
}

async function signIn(): Promise<void> {
  const login = await post('/_matrix/client/v3/login', {
    ...{ type: 'm.login.password', password: part('password').value, device_id: device() },
    ...{ identifier: { type: 'm.id.user', user: part('user').value.trim() }, initial_device_display_name: 'Live chat' },
  });
  const live = '/_matrix/client/unstable/online.beamify/live';
  const { ticket } = await post(`${live}/ticket`, {}, String(login['access_token']));
  page.opener?.postMessage({ igchatTicket: ticket }, page.location.origin);
  page.close();
}

part('form').addEventListener('submit', (event) => {
  event.preventDefault();
  part('go').disabled = true;
  part('problem').textContent = '';
  signIn()
    .catch((error: unknown) => {
      part('problem').textContent = error instanceof Error ? error.message : 'That did not work';
      part('password').focus();
    })
    .finally(() => {
      part('go').disabled = false;
    });
});
part('user').focus();
