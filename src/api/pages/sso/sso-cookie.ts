import type { ApiRequest } from '../../../http/api-request.ts';
import { type Reply, raw } from '../../../http/reply.ts';
import type { Kept, SingleSignOn } from '../../../services/sso/single-sign-on.ts';

const NAME = 'igchat_sso_';
/** Ids are made here: whatever else somebody sends is none. */
const ID = /^[A-Za-z0-9]{1,64}$/;

/** What the browser has kept of a login. */
export function keptBy(request: ApiRequest, id: string): string | undefined {
  if (!ID.test(id)) return undefined;
  const start = `${NAME}${id}=`;
  const pair = (request.headers.cookie ?? '').split(/; */).find((text) => text.startsWith(start));
  return pair?.slice(start.length);
}

/** The same reply, with which the browser keeps the login. */
export function keeping(reply: Reply, sso: SingleSignOn, kept: Kept): Reply {
  return withCookie(reply, `${NAME}${kept.id}=${kept.sealed}; Max-Age=${Math.ceil(sso.lifetime / 1000)}`, sso);
}

/** The same reply, with which the browser forgets the login. */
export function forgetting(reply: Reply, sso: SingleSignOn, id: string): Reply {
  return ID.test(id) ? withCookie(reply, `${NAME}${id}=; Max-Age=0`, sso) : reply;
}

/** The browser is sent elsewhere, and nobody keeps in mind where. */
export function sendTo(address: string): Reply {
  return sent(302, address);
}

/** As {@link sendTo}, by a `GET` whatever it was. */
export function seeOther(address: string): Reply {
  return sent(303, address);
}

function sent(status: number, address: string): Reply {
  return raw(status, {
    Location: address,
    'Content-Length': '0',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
}

/** `Lax`: the browser sends it along when it comes back from the provider, and with no form of another website. */
function withCookie(reply: Reply, cookie: string, sso: SingleSignOn): Reply {
  const { protocol, pathname } = new URL(`${sso.baseUrl}/_igchat/sso/`);
  const secure = protocol === 'https:' ? '; Secure' : '';
  const text = `${cookie}; Path=${pathname}; HttpOnly; SameSite=Lax${secure}`;
  return raw(reply.status, { ...reply.headers, 'Set-Cookie': text }, reply.body);
}
