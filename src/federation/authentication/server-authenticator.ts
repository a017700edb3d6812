import { forbidden, limitExceeded, MatrixError } from '../../protocol/errors.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { KeyLookup } from '../../protocol/signing/verify-event.ts';
import type { Clock } from '../../util/clock.ts';
import type { FederatedServers } from '../federated-servers.ts';
import type { KeyRing } from '../key-ring/key-ring.ts';
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

export interface ServerAuthenticatorParts {
  /** This server. */
  readonly serverName: ServerName;
  readonly servers: FederatedServers;
  readonly keys: Pick<KeyRing, 'lookup' | 'lookupKnown'>;
  readonly clock: Clock;
  readonly settings: {
    /** Servers that may be asked for their keys at the same time because of requests from one address. */
    readonly keyRequestsPerAddress: number;
  };
}

/** Headers of one request that are looked at: a server signs with few keys. */
const MOST_SIGNATURES = 5;
const RETRY_MS = 1_000;

/**
 * Finds out which server asks.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#request-authentication
 */
export class ServerAuthenticator {
  readonly #parts: ServerAuthenticatorParts;
  /** Look-ups that ask other servers, by the address that they are made for. */
  readonly #asking = new Map<string, number>();

  constructor(parts: ServerAuthenticatorParts) {
    this.#parts = parts;
  }

  /**
   * The server that has signed the request with a key that is valid now.
   *
   * @param address where the request comes from. Who claims to be ever other servers, which all have to be asked for
   *   their keys, does so at the cost of this address.
   * @throws MatrixError 401 `M_UNAUTHORIZED` if none has, 403 `M_FORBIDDEN` if this server does not speak with it, 429
   *   `M_LIMIT_EXCEEDED`
   */
  async authenticate(request: IncomingRequest, address: string): Promise<{ serverName: ServerName }> {
    const { servers, keys, clock } = this.#parts;
    if (!servers.isEnabled) throw forbidden('This server does not speak with others');
    const signatures = request.authorizations.slice(0, MOST_SIGNATURES).flatMap((header) => parseXMatrix(header) ?? []);
    const [first] = signatures;
    if (first === undefined) throw unauthorized('The request is not signed by a server');
    for (const signature of signatures) this.#check(signature, first.origin);
    const { origin } = first;
    if (!servers.has(origin)) throw forbidden(`This server does not speak with ${origin}`);
    const validAt = clock.now();
    const wanted = signatures.map(({ key }) => ({ server: origin, keyId: key, validAt }));
    if (this.#isSigned(request, signatures, await keys.lookupKnown(wanted))) return { serverName: origin };
    const found = await this.#charged(address, () => keys.lookup(wanted));
    if (this.#isSigned(request, signatures, found)) return { serverName: origin };
    throw unauthorized(`The request is not signed by a key of ${origin} that is valid now`);
  }

  #isSigned({ method, target, body }: IncomingRequest, signatures: readonly XMatrix[], keys: KeyLookup): boolean {
    const { serverName, clock } = this.#parts;
    const now = clock.now();
    return signatures.some((signature) => {
      const known = keys(signature.origin, signature.key);
      if (known === undefined || known.validUntilTs < now) return false;
      return verifyRequest({ method, uri: target, body }, signature, serverName, known.key);
    });
  }

  async #charged<T>(address: string, lookup: () => Promise<T>): Promise<T> {
    const running = this.#asking.get(address) ?? 0;
    if (running >= this.#parts.settings.keyRequestsPerAddress) {
      throw limitExceeded(RETRY_MS, 'Too many servers that are not known here ask from your address');
    }
    this.#asking.set(address, running + 1);
    try {
      return await lookup();
    } finally {
      const left = (this.#asking.get(address) ?? 1) - 1;
      if (left > 0) this.#asking.set(address, left);
      else this.#asking.delete(address);
    }
  }

  #check({ origin, destination }: XMatrix, expected: ServerName): void {
    if (origin !== expected) throw unauthorized('The request is signed by several servers');
    if (destination !== undefined && destination !== this.#parts.serverName) {
      throw unauthorized('The request is meant for another server');
    }
    if (origin === this.#parts.serverName) throw unauthorized('This server does not ask itself');
  }
}

function unauthorized(text: string): MatrixError {
  return new MatrixError('M_UNAUTHORIZED', text);
}
