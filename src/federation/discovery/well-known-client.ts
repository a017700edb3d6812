import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { cacheLifetime } from './cache-lifetime.ts';

/** What a host says of where its Matrix server is. */
export type Delegation =
  | { readonly kind: 'delegated'; readonly to: ServerName; readonly lifetimeMs: number }
  /** There is an answer, and it names no server. */
  | { readonly kind: 'none' }
  /** There is no answer, or one that says that there will be another later. */
  | { readonly kind: 'failed' };

/** Asks hosts for their delegation. */
export interface DelegationSource {
  ask(host: string): Promise<Delegation>;
}

const MAX_BYTES = 51_200;
const MAX_REDIRECTS = 10;

/** Asks `https://<host>/.well-known/matrix/server`. */
export class WellKnownClient implements DelegationSource {
  readonly #client: OutgoingClient;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #port: number;

  /** @param options.port that of the web, unless there is a web of one's own. */
  constructor(
    client: OutgoingClient,
    options: { readonly clock: Clock; readonly timeoutMs: number; readonly port?: number },
  ) {
    this.#client = client;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#port = options.port ?? 443;
  }

  async ask(host: string): Promise<Delegation> {
    try {
      const answer = await this.#client.send({
        purpose: 'well-known',
        url: `https://${host}:${this.#port}/.well-known/matrix/server`,
        maxRedirects: MAX_REDIRECTS,
        maxBytes: MAX_BYTES,
        timeoutMs: this.#timeoutMs,
      });
      if (answer.status === 200) return readDelegation(answer.body, (name) => answer.header(name), this.#clock.now());
      return { kind: answer.status >= 500 || answer.status === 429 ? 'failed' : 'none' };
    } catch (error) {
      // It does not matter to discovery what is wrong with the web server; the client has counted it.
      if (error instanceof OutgoingError) return { kind: 'failed' };
      throw error;
    }
  }
}

/** Reads an answer, whatever media type it claims to be. */
export function readDelegation(body: Buffer, header: (name: string) => string | undefined, now: number): Delegation {
  const to = serverIn(body);
  return to === undefined ? { kind: 'none' } : { kind: 'delegated', to, lifetimeMs: cacheLifetime(header, now) };
}

function serverIn(body: Buffer): ServerName | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    const server = isJsonObject(json) ? json['m.server'] : undefined;
    return isServerName(server) ? server : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
