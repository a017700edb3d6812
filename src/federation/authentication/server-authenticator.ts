import { forbidden, MatrixError } from '../../protocol/errors.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { KeyLookup } from '../../protocol/signing/verify-event.ts';
import type { Clock } from '../../util/clock.ts';
import type { FederatedServers } from '../federated-servers.ts';
import type { WantedKey } from '../key-ring/key-ring.ts';
import { verifyRequest } from '../signed-client/verify-request.ts';
import { parseXMatrix, type XMatrix } from '../signed-client/x-matrix.ts';

/** A request as it came in, of whatever library. */
export interface IncomingRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query, to the letter. */
  readonly target: string;
  readonly body: Uint8Array;
  /** Every `Authorization` header. */
  readonly authorizations: readonly string[];
}

/** Headers of one request that are looked at: a server signs with few keys. */
const MOST_SIGNATURES = 5;

/**
 * Finds out which server asks.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#request-authentication
 */
export class ServerAuthenticator {
  readonly #self: ServerName;
  readonly #servers: FederatedServers;
  readonly #keys: { lookup(wanted: readonly WantedKey[]): Promise<KeyLookup> };
  readonly #clock: Clock;

  constructor(
    self: ServerName,
    servers: FederatedServers,
    keys: { lookup(wanted: readonly WantedKey[]): Promise<KeyLookup> },
    clock: Clock,
  ) {
    this.#self = self;
    this.#servers = servers;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * The server that has signed the request with a key that is valid now.
   * @throws MatrixError 401 `M_UNAUTHORIZED` if none has, 403 `M_FORBIDDEN` if this server does not speak with it.
   */
  async authenticate({ method, target, body, authorizations }: IncomingRequest): Promise<{ serverName: ServerName }> {
    if (!this.#servers.isEnabled) throw forbidden('This server does not speak with others');
    const signatures = authorizations.slice(0, MOST_SIGNATURES).flatMap((header) => parseXMatrix(header) ?? []);
    const [first] = signatures;
    if (first === undefined) throw unauthorized('The request is not signed by a server');
    for (const signature of signatures) this.#check(signature, first.origin);
    const { origin } = first;
    if (!this.#servers.has(origin)) throw forbidden(`This server does not speak with ${origin}`);
    const now = this.#clock.now();
    const keys = await this.#keys.lookup(signatures.map(({ key }) => ({ server: origin, keyId: key, validAt: now })));
    let isKnown = false;
    for (const signature of signatures) {
      const known = keys(origin, signature.key);
      if (known === undefined || known.validUntilTs < now) continue;
      isKnown = true;
      if (verifyRequest({ method, uri: target, body }, signature, this.#self, known.key)) return { serverName: origin };
    }
    throw unauthorized(isKnown ? 'The signature is wrong' : `No valid key of ${origin} is known that has signed this`);
  }

  #check({ origin, destination }: XMatrix, expected: ServerName): void {
    if (origin !== expected) throw unauthorized('The request is signed by several servers');
    if (destination !== undefined && destination !== this.#self) {
      throw unauthorized('The request is meant for another server');
    }
    if (origin === this.#self) throw unauthorized('This server does not ask itself');
  }
}

function unauthorized(text: string): MatrixError {
  return new MatrixError('M_UNAUTHORIZED', text);
}
