import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { JsonWebKeys } from './json-web-keys.ts';

export interface TokenIssuerSettings {
  readonly algorithm: string;
  readonly secret?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly maxAge?: number | undefined;
}

/** Checks the tokens of one issuer: what is not configured is not looked at, and what is must be there. */
export class TokenIssuer {
  private readonly settings: TokenIssuerSettings;
  private readonly clock: Clock;
  private readonly keys: JsonWebKeys | undefined;

  /** @param keys for algorithms with a public key; otherwise the settings have the secret */
  constructor(settings: TokenIssuerSettings, clock: Clock, keys: JsonWebKeys | undefined) {
    this.settings = settings;
    this.clock = clock;
    this.keys = keys;
  }

  /** The subject and the claims of a token. @throws what is wrong with it, for the log */
  async verify(token: string): Promise<{ subject: string; claims: JsonObject }> {
    const { algorithm, issuer, audience, clockSkew, maxAge } = this.settings;
    const options = {
      algorithms: [algorithm],
      currentDate: new Date(this.clock.now()),
      clockTolerance: clockSkew / 1000,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
      ...(maxAge === undefined ? {} : { maxTokenAge: maxAge / 1000 }),
    };
    const { payload } = this.keys
      ? await jwtVerify(token, this.keys.keyFor, options)
      : await jwtVerify(token, new TextEncoder().encode(this.settings.secret), options);
    return { subject: subjectOf(payload), claims: payload as JsonObject };
  }
}

function subjectOf({ sub }: JWTPayload): string {
  const subject = typeof sub === 'number' ? String(sub) : sub;
  if (typeof subject !== 'string' || subject === '' || subject.length > 255) {
    throw new errors.JWTClaimValidationFailed('"sub" is missing or no usable text', {}, 'sub', 'invalid');
  }
  return subject;
}
