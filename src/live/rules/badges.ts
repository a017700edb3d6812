/** The badges beside a name: written by the server only. */
import { hasRole, type Standing } from './standing.ts';

export type Badge = readonly [id: string, version: string];

/** Badges of roles, the highest first. The version of a subscriber's badge is the number of months. */
const OF_ROLES: readonly string[] = ['streamer', 'moderator', 'bot', 'vip', 'partner', 'creator', 'supporter'];

const MAX_BADGES = 8;

/** What stands before the name, in order; at most eight. `names` maps further roles to badges, as the configuration says. */
export function badgesOf(standing: Standing, names: ReadonlyMap<string, string>): readonly Badge[] {
  const badges = new Map<string, string>();
  for (const role of OF_ROLES) {
    // A streamer moderates the own channel: one badge says it.
    const isImplied = role === 'moderator' && standing.isStreamer;
    if (hasRole(standing, role) && !isImplied) badges.set(names.get(role) ?? role, '1');
  }
  for (const role of standing.roles) {
    const name = names.get(role);
    if (name !== undefined && !badges.has(name)) badges.set(name, '1');
  }
  if (standing.tier > 0) badges.set('sub', String(Math.max(1, standing.subscribedMonths)));
  for (const [id, version] of standing.badges) if (!badges.has(id)) badges.set(id, version);
  return [...badges].slice(0, MAX_BADGES);
}
