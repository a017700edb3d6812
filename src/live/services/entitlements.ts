/** What is known of a user in a channel beyond the room: follows, subscriptions, roles, by claims of the platform. */

/** Times are milliseconds since the epoch. */
export interface Claims {
  readonly roles: readonly string[];
  readonly followingSince: number | undefined;
  /** 1 to 3; 0 without a subscription. */
  readonly tier: number;
  readonly subscribedMonths: number;
  readonly accountSince: number | undefined;
  readonly verified: readonly string[];
  readonly badges: readonly (readonly [id: string, version: string])[];
}

export const NO_CLAIMS: Claims = {
  ...{ roles: [], followingSince: undefined, tier: 0, subscribedMonths: 0 },
  ...{ accountSince: undefined, verified: [], badges: [] },
};

/** Where claims come from. Rejects where the platform cannot be asked and nothing is known any more. */
export interface EntitlementProvider {
  claimsOf(userId: string, channelId: string): Promise<Claims>;
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
}

function keyOf(userId: string, channelId: string | undefined): string {
  return `${channelId ?? ''}\0${userId}`;
}
