import { createHmac, timingSafeEqual } from 'node:crypto';
import { forbidden, invalidParam } from '../../protocol/errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { NewSession, SessionOptions, Sessions } from '../sessions/sessions.ts';

const NONCE_LIFETIME = 60_000;
/** Beyond, the oldest is forgotten: whoever took it asks again. */
const MAX_NONCES = 1_000;

export interface SharedSecretRequest extends SessionOptions {
  readonly nonce: string;
  readonly username: string;
  readonly password: string;
  readonly isAdmin: boolean;
  /** Part of the digest only. */
  readonly userType?: string | undefined;
  /** HMAC-SHA1 in hexadecimal, of nonce, user name, password and `admin` or `notadmin`, with NUL between them. */
  readonly mac: string;
}

export interface SharedSecretDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly secret: string | undefined;
}

/** Accounts for whoever knows the secret of the configuration: scripts of the operator, and test suites. */
export class SharedSecretRegistration {
  readonly #with: SharedSecretDependencies;
  /** When each expires, the oldest first. */
  readonly #nonces = new Map<string, number>();

  constructor(dependencies: SharedSecretDependencies) {
    this.#with = dependencies;
  }

  /**
   * What a request has to sign: good for one of them, for a minute.
   *
   * @throws 403 `M_FORBIDDEN` if no secret is configured.
   */
  nonce(): string {
    this.#secret();
    const now = this.#with.clock.now();
    for (const [nonce, expiresAt] of this.#nonces) {
      if (expiresAt > now && this.#nonces.size < MAX_NONCES) break;
      this.#nonces.delete(nonce);
    }
    const nonce = this.#with.random.token(32);
    this.#nonces.set(nonce, now + NONCE_LIFETIME);
    return nonce;
  }

  /**
   * Makes an account and a session.
   *
   * @throws 403 `M_FORBIDDEN`; 400 `M_INVALID_PARAM`, and what {@link Accounts.create} throws
   */
  async register(request: SharedSecretRequest): Promise<NewSession> {
    const { accounts, sessions, clock } = this.#with;
    const key = this.#secret();
    const expiresAt = this.#nonces.get(request.nonce);
    this.#nonces.delete(request.nonce);
    if (expiresAt === undefined || expiresAt <= clock.now()) throw invalidParam('The nonce is not known, or too old');
    if (!isRight(request, key)) throw forbidden('The HMAC is wrong');
    const { username, password, isAdmin } = request;
    const userId = await accounts.create({ username, password, isAdmin });
    return sessions.start(userId, request);
  }

  #secret(): string {
    const { secret } = this.#with;
    if (secret === undefined) throw forbidden('This server has no secret for registration');
    return secret;
  }
}

function isRight({ nonce, username, password, isAdmin, userType, mac }: SharedSecretRequest, key: string): boolean {
  const parts = [nonce, username, password, isAdmin ? 'admin' : 'notadmin', ...(userType ? [userType] : [])];
  const expected = createHmac('sha1', key).update(parts.join('\0')).digest();
  const given = Buffer.from(mac, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
