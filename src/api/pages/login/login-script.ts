/**
 * What the page of `show-login.ts` does in the browser: it logs in and hands over what the server answers. It is sent
 * as it is built, inside of the page, and imports nothing.
 */

interface Part {
  readonly value: string;
  disabled: boolean;
  hidden: boolean;
  textContent: string | null;
  focus(): void;
  addEventListener(name: 'submit', listener: (event: { preventDefault(): void }) => void): void;
}

type Listener = (response: object) => void;

interface Browser {
  readonly document: { getElementById(id: string): Part | null };
  readonly location: { readonly pathname: string; readonly search: string };
  readonly fetch: (url: string, options: object) => Promise<{ readonly ok: boolean; json(): Promise<object> }>;
  readonly history: { replaceState(state: null, unused: string, url: string): void };
  matrixLogin?: { onLogin?: Listener };
}

const browser = globalThis as unknown as Browser;
const part = (id: string) => browser.document.getElementById(id);
const wishes = new URLSearchParams(browser.location.search);
const tellApp = listenerOfApp();

/**
 * Apps put their function in when they see the page as loaded, which may be after a login that needs nobody: what was
 * answered until then is told as soon as they do.
 */
function listenerOfApp(): Listener {
  browser.matrixLogin ??= {};
  const { matrixLogin } = browser;
  let listener = matrixLogin.onLogin;
  let told: object | undefined;
  const tell = () => {
    if (!listener || !told) return;
    const response = told;
    told = undefined;
    listener(response);
  };
  Object.defineProperty(matrixLogin, 'onLogin', {
    get: () => listener,
    set(given: Listener | undefined) {
      listener = given;
      tell();
    },
  });
  return (response) => {
    told = response;
    tell();
  };
}

/** What the app wants of its session, which is no credential. */
function sessionWishes(): object {
  const texts = ['device_id', 'initial_device_display_name'].flatMap((name) => {
    const value = wishes.get(name);
    return value ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(texts), ...(wishes.get('refresh_token') === 'true' ? { refresh_token: true } : {}) };
}

async function logIn(credentials: object): Promise<void> {
  const body = JSON.stringify({ ...credentials, ...sessionWishes() });
  const headers = { 'Content-Type': 'application/json' };
  const options = { method: 'POST', headers, body, credentials: 'omit' };
  const address = browser.location.pathname.replace(/static\/client\/login\/?$/, 'client/v3/login');
  const answer = await browser.fetch(address, options);
  const response: { readonly error?: unknown } = await answer.json();
  if (!answer.ok) throw new Error(String(response.error ?? ''));
  for (const id of ['ways', 'waiting']) hide(id);
  const done = part('done');
  if (done) done.hidden = false;
  done?.focus();
  tellApp(response);
}

function hide(id: string): void {
  const found = part(id);
  if (found) found.hidden = true;
}

/** @param field where to go on */
function begin(credentials: object, field?: string): void {
  const [button, problem] = [part('go'), part('problem')];
  if (button) button.disabled = true;
  if (problem) problem.textContent = '';
  logIn(credentials)
    .catch((error: unknown) => {
      hide('waiting');
      const ways = part('ways');
      if (ways) ways.hidden = false;
      const text = error instanceof Error && !(error instanceof TypeError) ? error.message : '';
      if (problem) problem.textContent = text || 'That did not work. Please try again';
      if (field !== undefined) part(field)?.focus();
    })
    .finally(() => {
      if (button) button.disabled = false;
    });
}

/** A user name or id, or an e-mail address. */
function identifier(text: string): object {
  const isAddress = !text.startsWith('@') && text.includes('@');
  return isAddress ? { type: 'm.id.thirdparty', medium: 'email', address: text } : { type: 'm.id.user', user: text };
}

part('password-form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const [user, password] = [part('user')?.value.trim() ?? '', part('password')?.value ?? ''];
  begin({ type: 'm.login.password', identifier: identifier(user), password }, 'password');
});

const token = wishes.get('loginToken');
if (token !== null) {
  // It is good for one login: whoever loads the page again, or goes back to it, begins anew.
  wishes.delete('loginToken');
  const rest = [...wishes].length > 0 ? `?${wishes}` : '';
  browser.history.replaceState(null, '', browser.location.pathname + rest);
  begin({ type: 'm.login.token', token });
} else {
  part('user')?.focus();
}

export {};
