import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { livePage } from '../../pages/live-page.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

const BODY = `<form id="form"><h1>Sign in to chat</h1><div id="providers" role="group" aria-label="Ways to sign in"></div>
<p id="or" hidden>or</p><div id="by-password"><label>User name<input id="user" autocomplete="username" autocapitalize="none" required></label>
<label>Password<input id="password" type="password" autocomplete="current-password" required></label>
<button id="go" disabled>Sign in</button></div><p id="problem" role="alert"></p></form>`;

/** `GET …/live/sign-in`: a window of its own, never in a frame. */
export const showLiveSignIn = endpoint({
  name: 'showLiveSignIn',
  extension: EXTENSION,
  summary: 'The window in which people sign in to chat on a page of another site',
  method: 'get',
  paths: [`${LIVE_PATH}/sign-in`],
  auth: 'none',
  // Costs next to nothing, and many viewers may be behind one address.
  rateLimit: false,
  async handle(_context, { live }: { live: LiveServices }) {
    const gateway = new URL(live.gatewayUrl).origin;
    return livePage({ title: 'Sign in to chat', name: 'sign-in', channel: '', body: BODY, ancestors: [], gateway });
  },
});
