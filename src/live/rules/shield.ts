/**
 * Shield mode: a preset that makes a chat stricter at once, and never laxer, while it is active
 * (`online.beamify.live.shield`).
 */
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { type ChatSettings, FIRST_TIME_POLICIES, LINK_POLICIES, parseSettings } from './settings.ts';

export const SHIELD_EVENT = 'online.beamify.live.shield';

export interface Shield {
  readonly active: boolean;
  /** Milliseconds since the epoch at which it goes off by itself; undefined: it stays. */
  readonly until: number | undefined;
  readonly preset: JsonObject;
}

const OFF: Shield = { active: false, until: undefined, preset: {} };

/** The shield that the content of the event says. */
export function parseShield(content: JsonObject | undefined): Shield {
  if (content === undefined || content['active'] !== true) return OFF;
  const { until, preset } = content;
  return {
    active: true,
    until: typeof until === 'number' && Number.isFinite(until) ? until : undefined,
    preset: isJsonObject(preset) ? preset : {},
  };
}

export function isShieldUp(shield: Shield, now: number): boolean {
  return shield.active && (shield.until === undefined || now < shield.until);
}

/** The settings in force at `now`: field by field the stricter of the room's own and those of the shield. */
export function effectiveSettings(own: ChatSettings, shield: Shield, now: number): ChatSettings {
  return isShieldUp(shield, now) ? strictest(own, shield.preset) : own;
}

function strictest(own: ChatSettings, preset: JsonObject): ChatSettings {
  const shielded = parseSettings(preset);
  const has = (key: string) => Object.hasOwn(preset, key);
  return {
    slow: Math.max(own.slow, shielded.slow),
    followersOnly: highest(own.followersOnly, shielded.followersOnly),
    subscribersOnly: highest(own.subscribersOnly, shielded.subscribersOnly),
    emoteOnly: own.emoteOnly || shielded.emoteOnly,
    unique: strictestUnique(own.unique, shielded.unique),
    delay: Math.max(own.delay, shielded.delay),
    links: stricter(LINK_POLICIES, own.links, shielded.links),
    images: own.images && (shielded.images || !has('images')),
    accountAge: Math.max(own.accountAge, shielded.accountAge),
    verified: [...new Set([...own.verified, ...shielded.verified])],
    maxLength: Math.min(own.maxLength, shielded.maxLength),
    admitRate: has('admit_rate') ? Math.min(own.admitRate, shielded.admitRate) : own.admitRate,
    displayRate: has('display_rate') ? Math.min(own.displayRate, shielded.displayRate) : own.displayRate,
    reactions: {
      enabled: own.reactions.enabled && shielded.reactions.enabled,
      keys: has('reactions')
        ? own.reactions.keys.filter((key) => shielded.reactions.keys.includes(key))
        : own.reactions.keys,
    },
    firstTime: stricter(FIRST_TIME_POLICIES, own.firstTime, shielded.firstTime),
    exempt: has('exempt') ? intersection(own.exempt, shielded.exempt) : own.exempt,
    rules: own.rules,
  };
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function strictestUnique(a: ChatSettings['unique'], b: ChatSettings['unique']): ChatSettings['unique'] {
  if (a === null || b === null) return a ?? b;
  return { minLength: Math.min(a.minLength, b.minLength), windowS: Math.max(a.windowS, b.windowS) };
}

function stricter<T extends string>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

function intersection(own: ChatSettings['exempt'], shielded: ChatSettings['exempt']): ChatSettings['exempt'] {
  const both = [...own].map(
    ([mode, roles]) => [mode, roles.filter((role) => shielded.get(mode)?.includes(role))] as const,
  );
  return new Map(both);
}
