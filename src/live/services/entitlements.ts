/** What is known of a user in a channel beyond the room: follows, subscriptions, roles, by claims of the platform. */
import { type Claims, NO_CLAIMS } from '../rules/claims.ts';

/** Where claims come from. Answers without claims where the platform cannot be asked and nothing is known any more. */
export interface EntitlementProvider {
  claimsOf(userId: string, channelId: string): Promise<Claims>;
  /** The platform says that something has changed; `channelId` undefined: in every channel. */
  changed(userId: string, channelId: string | undefined): void;
}

/** Claims that somebody has written down: for tests and small servers. */
export class StaticEntitlements implements EntitlementProvider {
  readonly #claims = new Map<string, Claims>();

  /** `channelId` undefined: in every channel. */
  set(userId: string, claims: Partial<Claims>, channelId?: string): void {
    this.#claims.set(keyOf(userId, channelId), { ...NO_CLAIMS, ...claims });
  }

  async claimsOf(userId: string, channelId: string): Promise<Claims> {
    return this.#claims.get(keyOf(userId, channelId)) ?? this.#claims.get(keyOf(userId, undefined)) ?? NO_CLAIMS;
  }

  changed(): void {
    // They change where they are written down.
  }
}

function keyOf(userId: string, channelId: string | undefined): string {
  return `${channelId ?? ''}\0${userId}`;
}
