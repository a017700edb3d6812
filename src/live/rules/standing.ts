/** Who somebody is in a channel: what admission, badges and sampling go by. */

/** From claims (`EntitlementProvider`) and what the room itself knows. Times are milliseconds since the epoch. */
export interface Standing {
  readonly userId: string;
  /** Power level in the room. */
  readonly power: number;
  readonly isStreamer: boolean;
  readonly isBot: boolean;
  /** Roles by claim, as `vip`. */
  readonly roles: readonly string[];
  readonly followingSince: number | undefined;
  /** Tier of the subscription, 1 to 3; 0 without one. */
  readonly tier: number;
  readonly subscribedMonths: number;
  readonly accountSince: number | undefined;
  /** What has been confirmed: `email`, `phone`. */
  readonly verified: readonly string[];
  /** Further badges that the claims grant. */
  readonly badges: readonly (readonly [id: string, version: string])[];
  /** Has written in the channel before. */
  readonly hasChatted: boolean;
}

export interface Sanctions {
  readonly banned: boolean;
  /** End of the time-out. */
  readonly timedOutUntil: number | undefined;
  /** A warning that has not been acknowledged. */
  readonly warned: boolean;
}

export const MODERATOR_POWER = 50;

export function isModerator(standing: Standing): boolean {
  return standing.isStreamer || standing.power >= MODERATOR_POWER;
}

/** Roles by claim and those that follow from the standing, as settings name them. */
export function hasRole(standing: Standing, role: string): boolean {
  switch (role) {
    case 'streamer':
      return standing.isStreamer;
    case 'moderator':
      return isModerator(standing);
    case 'subscriber':
      return standing.tier > 0;
    case 'follower':
      return standing.followingSince !== undefined;
    case 'bot':
      return standing.isBot;
    default:
      return standing.roles.includes(role);
  }
}
