/**
 * The application around this server, as it speaks for itself and for nobody's account: by requests that it signs, each
 * good once and for some minutes.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { forbidden } from '../../protocol/errors.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';

export interface PlatformOptions {
  /** With which it signs; undefined: there is none. */
  readonly secret: string | undefined;
  /** Milliseconds that its clock may be off. */
  readonly skewMs: number;
  /** Requests that are remembered, so that none counts twice. */
  readonly max: number;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Buffer;
  readonly headers: { readonly authorization?: string | undefined };
}

const SCHEME = /^platform +ts=(\d{1,16}),nonce=([\w-]{8,64}),sig=([\w-]{43})$/i;

export class Platform {
  readonly #clock: Clock;
  readonly #options: PlatformOptions;
  readonly #seen: Lru<string, true>;
  /** What was signed before may have counted before. */
  readonly #startedAt: number;

  constructor(clock: Clock, options: PlatformOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#seen = new Lru({ max: options.max });
    this.#startedAt = clock.now();
  }

  /** Whether the request says that it is of the platform. @throws M_FORBIDDEN if that is not so, or it came before */
  isFrom(request: SignedRequest): boolean {
    const { authorization = '' } = request.headers;
    const [, ts = '', nonce = '', signature = ''] = SCHEME.exec(authorization) ?? [];
    if (signature === '') return false;
    const { secret, skewMs } = this.#options;
    const expected = secret === undefined ? undefined : platformSignature(secret, ts, nonce, request);
    if (
      expected === undefined ||
      expected.length !== signature.length ||
      !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
    ) {
      throw forbidden('The signature of the request is not good');
    }
    const at = Number(ts);
    const isTimely = Math.abs(this.#clock.now() - at) <= skewMs && at >= this.#startedAt;
    if (!isTimely || this.#seen.get(nonce)) throw forbidden('The request is too old, or came before');
    this.#seen.set(nonce, true);
    return true;
  }
}

/** The signature of a request in base64url: HMAC with SHA-256 of its time, nonce, method, target and body's hash, by lines. */
export function platformSignature(
  secret: string,
  ts: string,
  nonce: string,
  { method, target, body }: Omit<SignedRequest, 'headers'>,
): string {
  const hash = createHash('sha256').update(body).digest('base64url');
  return createHmac('sha256', secret).update([ts, nonce, method, target, hash].join('\n')).digest('base64url');
}
