/** What the platform says of somebody in a channel, read field by field: whatever is no claim is as if it were not there. */
import type { JsonObject, JsonValue } from '../../protocol/json.ts';

/** Times are milliseconds since the epoch. */
export interface Claims {
  /** As `vip`. */
  readonly roles: readonly string[];
  readonly followingSince: number | undefined;
  /** 1 to 3; 0 without a subscription. */
  readonly tier: number;
  readonly subscribedMonths: number;
  readonly accountSince: number | undefined;
  /** What has been confirmed: `email`, `phone`. */
  readonly verified: readonly string[];
  /** Further badges that the claims grant. */
  readonly badges: readonly (readonly [id: string, version: string])[];
}

export const NO_CLAIMS: Claims = {
  ...{ roles: [], followingSince: undefined, tier: 0, subscribedMonths: 0 },
  ...{ accountSince: undefined, verified: [], badges: [] },
};

/** What a role of the platform is here. */
export interface RoleMeaning {
  readonly role: string;
  /** Tier of the subscription that it stands for; 0 for none. */
  readonly tier: number;
}

const MAX_ROLES = 50;
const MAX_BADGES = 8;
const MAX_NAME = 64;
const MAX_MONTHS = 10_000;
const HIGHEST_TIER = 3;
const VERIFIABLE: ReadonlySet<string> = new Set(['email', 'phone']);
const SUBSCRIPTION_BADGE = 'sub';

/** `meanings`: by the name of the role in small letters; roles without one are left out. Times of `json` are in seconds. */
export function readClaims(json: JsonObject, meanings: ReadonlyMap<string, RoleMeaning>): Claims {
  const given = (key: string): JsonValue | undefined => (Object.hasOwn(json, key) ? json[key] : undefined);
  const known = names(given('roles')).flatMap((name) => meanings.get(name.toLowerCase()) ?? []);
  const tier = Math.max(wholeOf(given('tier'), HIGHEST_TIER), ...known.map((meaning) => meaning.tier));
  return {
    roles: [...new Set(known.map(({ role }) => role))],
    followingSince: timeOf(given('follow_since')),
    tier,
    subscribedMonths: wholeOf(given('sub_months'), MAX_MONTHS),
    accountSince: timeOf(given('acct')),
    verified: names(given('ver')).filter((name) => VERIFIABLE.has(name)),
    badges: badgesIn(given('badges')),
  };
}

/**
 * What is left of claims that nobody confirms any more: nothing that opens a door, but the badges, for nobody is to look
 * like somebody else because the platform is away.
 */
export function expiredClaims(claims: Claims): Claims {
  const { tier, subscribedMonths, badges } = claims;
  const subscription: Claims['badges'] = tier > 0 ? [[SUBSCRIPTION_BADGE, String(Math.max(1, subscribedMonths))]] : [];
  return { ...claims, followingSince: undefined, tier: 0, badges: [...subscription, ...badges] };
}

function names(value: JsonValue | undefined): string[] {
  const list = Array.isArray(value) ? value : [];
  return list
    .filter((name) => typeof name === 'string' && name !== '' && name.length <= MAX_NAME)
    .slice(0, MAX_ROLES) as string[];
}

function badgesIn(value: JsonValue | undefined): Claims['badges'] {
  const pairs = Array.isArray(value) ? value : [];
  return pairs
    .flatMap((pair): Claims['badges'] => {
      const [id, version] = Array.isArray(pair) ? names(pair) : [];
      return id === undefined ? [] : [[id, version ?? '1']];
    })
    .slice(0, MAX_BADGES);
}

function wholeOf(value: JsonValue | undefined, max: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? Math.min(value, max) : 0;
}

function timeOf(seconds: JsonValue | undefined): number | undefined {
  const ms = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
  return ms !== undefined && Number.isSafeInteger(ms) ? ms : undefined;
}
