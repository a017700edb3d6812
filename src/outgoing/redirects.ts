import { OutgoingError } from './outgoing-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Headers that are for one origin only. */
const FOR_ORIGIN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** The address of a request. @throws OutgoingError `bad-request` */
export function addressOf(request: OutgoingRequest): URL {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined) throw new OutgoingError('bad-request', '(no host)', 'not an address');
  const problem = problemOf(url, request.allowPlainHttp ?? false);
  if (problem !== undefined) throw new OutgoingError('bad-request', url.hostname, problem);
  return url;
}

function problemOf(url: URL, allowPlainHttp: boolean): string | undefined {
  if (url.protocol !== 'https:' && !(allowPlainHttp && url.protocol === 'http:')) {
    return `the protocol ${url.protocol} is not allowed`;
  }
  return url.username === '' && url.password === '' ? undefined : 'an address with a user name';
}

/**
 * The request that follows from a redirect, or undefined if the answer is none. What was for one origin is not told to
 * another.
 *
 * @throws OutgoingError `redirect-refused`
 */
export function followed(
  request: OutgoingRequest,
  from: URL,
  answer: { readonly status: number; readonly location: string | undefined },
): OutgoingRequest | undefined {
  const { status, location } = answer;
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined) throw new OutgoingError('redirect-refused', from.hostname, 'redirects to no address');
  const problem = problemOf(to, request.allowPlainHttp ?? false);
  if (problem !== undefined) throw new OutgoingError('redirect-refused', from.hostname, `redirects: ${problem}`);
  to.hash = '';
  const next = { ...request, url: to.href, headers: headersFor(request.headers ?? {}, from.origin === to.origin) };
  const method = request.method ?? 'GET';
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  if (!becomesGet) return next;
  const { body: _dropped, ...withoutBody } = next;
  return { ...withoutBody, method: 'GET' };
}

function headersFor(headers: Readonly<Record<string, string>>, isSameOrigin: boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => isSameOrigin || !FOR_ORIGIN.has(name.toLowerCase())),
  );
}
