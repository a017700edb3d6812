import { createHash } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import type { Clock } from '../../util/clock.ts';

/** A browser that was sent to a provider: to log in to a client, or to confirm an operation. */
export interface Begun {
  readonly step: 'begun';
  readonly provider: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUrl?: string;
  /** Of interactive authentication. */
  readonly session?: string;
}

/** Somebody whom a provider knows, and who has no account yet. */
export interface Newcomer {
  readonly step: 'newcomer';
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  /** A localpart; empty if nothing offers itself. */
  readonly suggestion: string;
  readonly displayName?: string;
  readonly email?: string;
  /** That they have at the provider; undefined if it is not asked for them. */
  readonly roles?: readonly string[];
  readonly redirectUrl: string;
}

/** Somebody with an account who has not been sent back to the client yet. */
export interface Known {
  readonly step: 'known';
  readonly userId: string;
  readonly redirectUrl: string;
}

export type LoginState = Begun | Newcomer | Known;

/**
 * How far the logins under way have come. They are kept by the browsers, each in a cookie that is encrypted here: nobody else can
 * go on with one, they survive a restart, and however many there are takes no room.
 */
export class LoginStates {
  private readonly key: Uint8Array;
  private readonly clock: Clock;
  /** Milliseconds. */
  readonly lifetime: number;

  /** @param secret known to this server alone, and the same after a restart */
  constructor(secret: string, clock: Clock, lifetime: number) {
    this.key = new Uint8Array(createHash('sha256').update(`logins under way\0${secret}`).digest());
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /** @param id of the login: what is sealed under one opens under no other */
  seal(id: string, state: LoginState): Promise<string> {
    return new EncryptJWT({ ...state })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setJti(id)
      .setExpirationTime(Math.ceil((this.clock.now() + this.lifetime) / 1000))
      .encrypt(this.key);
  }

  /** Undefined if it is another step, has expired or was not sealed here. */
  async open<S extends LoginState['step']>(
    id: string,
    sealed: string | undefined,
    step: S,
  ): Promise<Extract<LoginState, { step: S }> | undefined> {
    if (sealed === undefined) return undefined;
    try {
      const { payload } = await jwtDecrypt(sealed, this.key, {
        currentDate: new Date(this.clock.now()),
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      if (payload.jti !== id || payload['step'] !== step) return undefined;
      // Only this class can have made it.
      return payload as unknown as Extract<LoginState, { step: S }>;
    } catch (error) {
      // Expired, cut short or made up: to the person it is all the same, they begin again.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
