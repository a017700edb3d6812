/** How whoever has an access token gets a ticket for the gateway. A token goes into a header, never into an address. */
import type { Credentials } from './credentials.ts';
import type { LiveClientOptions } from './live-options.ts';

/** Undefined for nobody, as whoever is logged out. Rejects while the server gives none. */
export async function ticketByToken(
  { gateway, fetch: ask = (url, init) => fetch(url, init) }: LiveClientOptions,
  credentials: Credentials,
): Promise<string | undefined> {
  const token = await credentials.token();
  if (token === undefined) return undefined;
  const address = gateway.replace(/^ws/, 'http').replace(/\/gateway$/, '/ticket');
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await ask(address, { method: 'POST', headers, credentials: 'omit', body: '{}' });
  if (answer.status === 401 || answer.status === 403) {
    credentials.refused = token;
    return undefined;
  }
  const { ticket } = (await answer.json()) as { readonly ticket?: unknown };
  if (typeof ticket !== 'string') throw new Error(`There is no ticket: ${answer.status}`);
  return ticket;
}
