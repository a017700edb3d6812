import { createLocalJWKSet, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import type { Clock } from '../../util/clock.ts';

/** Keys that are older are fetched again before they are used. */
const FRESH_MS = 10 * 60_000;
/** Unknown keys do not make this server ask more often. */
const PAUSE_MS = 30_000;
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/** The public keys of an issuer, fetched when they are needed, and again when a token names one that is new. */
export class JsonWebKeys {
  private readonly client: Pick<OutgoingClient, 'send'>;
  private readonly clock: Clock;
  private readonly url: string;
  private known: { readonly keys: LocalKeys; readonly fetchedAt: number } | undefined;
  private triedAt = Number.NEGATIVE_INFINITY;

  constructor(client: Pick<OutgoingClient, 'send'>, clock: Clock, url: string) {
    this.client = client;
    this.clock = clock;
    this.url = url;
  }

  /** The key for a token, as jose asks for it. */
  readonly keyFor = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    const now = this.clock.now();
    if (!this.known || now - this.known.fetchedAt > FRESH_MS) await this.renew();
    try {
      return await this.keys(header, token);
    } catch (error) {
      if (!(await this.renew())) throw error;
      return this.keys(header, token);
    }
  };

  private keys(header: JWSHeaderParameters, token: FlattenedJWSInput) {
    if (!this.known) throw new Error(`the keys at ${this.url} cannot be had`);
    return this.known.keys(header, token);
  }

  /** Whether there are newer keys now. What is known goes on if they cannot be had. */
  private async renew(): Promise<boolean> {
    const now = this.clock.now();
    if (now - this.triedAt < PAUSE_MS) return false;
    this.triedAt = now;
    try {
      const purpose = 'login';
      const answer = await this.client.send({ url: this.url, purpose, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
      if (answer.status !== 200) throw new Error(`the keys at ${this.url} were answered with ${answer.status}`);
      this.known = { keys: createLocalJWKSet(JSON.parse(answer.body.toString()) as JSONWebKeySet), fetchedAt: now };
      return true;
    } catch (error) {
      if (!this.known) throw error;
      return false;
    }
  }
}
