import { invalidParam } from '../../protocol/errors.ts';

/** With the rest of the state it has to fit into a cookie. */
const MAX_LENGTH = 1_000;
/** A browser would run or show what they hold, in place of going to a client. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'view-source:', 'filesystem:'],
]);

/** The address of a client to return to: of a website, or with a scheme of an app. @throws 400 `M_INVALID_PARAM` */
export function clientAddress(text: string): string {
  if (text.length > MAX_LENGTH) throw invalidParam(`"redirectUrl" has more than ${MAX_LENGTH} characters`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || FORBIDDEN.has(url.protocol) || url.href.length > MAX_LENGTH) {
    throw invalidParam('"redirectUrl" is no address of a client');
  }
  return url.href;
}

/** Whether a client is one of those to which people return without a question: of the same origin, and below the same path. */
export function isTrusted(address: string, trusted: readonly string[]): boolean {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  return trusted.some((text) => {
    if (!URL.canParse(text)) return false;
    const known = new URL(text);
    const isSameHost = known.protocol === url.protocol && known.host === url.host;
    return isSameHost && (url.pathname === known.pathname || url.pathname.startsWith(withSlash(known.pathname)));
  });
}

/** What people are shown of an address to know it again: its host, or the scheme of an app. */
export function addressName(address: string): string {
  const url = new URL(address);
  return /^https?:$/.test(url.protocol) ? url.host : url.protocol.slice(0, -1);
}

/** The address with the token for it, all else as it was. */
export function withLoginToken(address: string, token: string): string {
  const [before = '', ...fragment] = address.split('#');
  const [path = '', ...query] = before.split('?');
  const others = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && !/^loginToken(=|$)/.test(pair));
  const search = [...others, `loginToken=${encodeURIComponent(token)}`].join('&');
  return `${path}?${search}${fragment.length === 0 ? '' : `#${fragment.join('#')}`}`;
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
