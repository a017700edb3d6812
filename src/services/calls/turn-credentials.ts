import { createHmac } from 'node:crypto';
import { forbidden } from '../../protocol/errors.ts';
import type { Clock } from '../../util/clock.ts';

export interface TurnSettings {
  readonly turnUris: readonly string[];
  readonly turnSharedSecret?: string | undefined;
  /** Milliseconds. */
  readonly turnLifetime: number;
  readonly turnGuests: boolean;
}

/**
 * Credentials for the TURN server, which checks them by the secret that both know.
 * Source: https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
 */
export class TurnCredentials {
  private readonly settings: TurnSettings;
  private readonly clock: Clock;

  constructor(settings: TurnSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** No addresses where there is no TURN server. @throws 403 `M_FORBIDDEN` for guests who may not use it */
  of({ userId, isGuest }: { readonly userId: string; readonly isGuest: boolean }) {
    const { turnUris: uris, turnSharedSecret: secret, turnLifetime, turnGuests } = this.settings;
    const ttl = Math.floor(turnLifetime / 1000);
    if (secret === undefined || uris.length === 0) return { username: '', password: '', uris: [], ttl };
    if (isGuest && !turnGuests) throw forbidden('Guests cannot use the TURN server');
    const username = `${Math.floor(this.clock.now() / 1000) + ttl}:${userId}`;
    const password = createHmac('sha1', secret).update(username).digest('base64');
    return { username, password, uris, ttl };
  }
}
