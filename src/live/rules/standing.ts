/** Who somebody is in a channel: what admission, badges and sampling go by. */
import type { Claims } from './claims.ts';

/** From claims (`EntitlementProvider`) and what the room itself knows. Times are milliseconds since the epoch. */
export interface Standing extends Claims {
  readonly userId: string;
  /** Power level in the room. */
  readonly power: number;
  readonly isStreamer: boolean;
  readonly isBot: boolean;
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
