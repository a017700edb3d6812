import type { CustomFetch } from 'openid-client';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';

const MAX_BYTES = 256 * 1024;
/** Of an answer, what openid-client reads. */
const HEADERS = ['content-type', 'location', 'www-authenticate', 'dpop-nonce'];
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** `fetch` by the one client for outgoing connections: addresses that may not be connected to are refused there. */
export function outgoingFetch(
  client: Pick<OutgoingClient, 'send'>,
  options: { readonly allowPlainHttp: boolean; readonly timeoutMs: number },
): CustomFetch {
  return async (url, { body, headers, method, signal }) => {
    if (method !== 'GET' && method !== 'POST') throw new TypeError(`providers are not asked with ${method}`);
    const answer = await client.send({
      ...options,
      url,
      method,
      headers,
      ...(body === null || body === undefined ? {} : { body: bodyText(body) }),
      purpose: 'login',
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    const { status } = answer;
    const told = HEADERS.flatMap((name): [string, string][] => {
      const value = answer.header(name);
      return value === undefined ? [] : [[name, value]];
    });
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(answer.body), { status, headers: told });
  };
}

function bodyText(body: unknown): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString();
  throw new TypeError('providers are sent forms only');
}
