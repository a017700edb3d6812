/**
 * The settings of a live room's chat, as the state event `online.beamify.live.settings` has them. Reading is lenient:
 * the state of a room may hold anything, so what is out of range counts as the nearest value in range, and what has
 * another type as the default. Changes by moderators are checked strictly.
 */
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from '../../protocol/json.ts';
import { type Field, flag, integer, listOf, oneOf, optional } from './settings-fields.ts';

export const SETTINGS_EVENT = 'online.beamify.live.settings';

/** From the laxest to the strictest. `subscribers`: only subscribers may post links. */
export const LINK_POLICIES = ['allow', 'subscribers', 'hold', 'block'] as const;
export type LinkPolicy = (typeof LINK_POLICIES)[number];

/** What happens to the first message that somebody ever sends to the channel. */
export const FIRST_TIME_POLICIES = ['allow', 'hold', 'block'] as const;
export type FirstTimePolicy = (typeof FIRST_TIME_POLICIES)[number];

export interface ChatSettings {
  /** Seconds between the messages of a user; 0: only the floor of all rooms. */
  readonly slow: number;
  /** Minutes for which a chatter has to have followed; null: anybody may chat. */
  readonly followersOnly: number | null;
  /** Lowest tier of a chatter's subscription; null: none is needed. */
  readonly subscribersOnly: number | null;
  readonly emoteOnly: boolean;
  /** A message of at least `minLength` characters must not be what anybody wrote in the last `windowS` seconds. */
  readonly unique: { readonly minLength: number; readonly windowS: number } | null;
  /** Seconds that a message waits, so that moderators can take it out. */
  readonly delay: number;
  readonly links: LinkPolicy;
  /** Whether images and files may be sent. */
  readonly images: boolean;
  /** Minutes that a chatter's account has to exist. */
  readonly accountAge: number;
  /** What a chatter has to have confirmed: `email`, `phone`. */
  readonly verified: readonly string[];
  /** Code points of a message. */
  readonly maxLength: number;
  /** Messages a second that get into the room. */
  readonly admitRate: number;
  /** Messages a second that viewers see as they come. */
  readonly displayRate: number;
  readonly reactions: { readonly enabled: boolean; readonly keys: readonly string[] };
  readonly firstTime: FirstTimePolicy;
  /** Roles that a mode does not bind, by the mode's key in the event. */
  readonly exempt: ReadonlyMap<string, readonly string[]>;
  readonly rules: readonly string[];
}

const REACTION_KEYS = ['🔥', '❤', '😂', '👏', '😮'];

const MAX_ROLES = 20;
/** The modes from which roles may be exempt. */
export const EXEMPTIBLE = new Set([
  ...['slow', 'followers_only', 'subscribers_only', 'emote_only', 'unique', 'delay', 'links', 'images'],
  ...['account_age', 'verified', 'first_time', 'terms', 'automod'],
]);

const unique: Field<{ minLength: number; windowS: number }> = {
  strict(value) {
    if (!isJsonObject(value)) return undefined;
    const minLength = uniqueLength.strict(value['min_length']);
    const windowS = uniqueWindow.strict(value['window_s']);
    return minLength === undefined || windowS === undefined ? undefined : { minLength, windowS };
  },
  lenient(value) {
    if (!isJsonObject(value)) return undefined;
    return {
      minLength: uniqueLength.lenient(value['min_length']) ?? 9,
      windowS: uniqueWindow.lenient(value['window_s']) ?? 600,
    };
  },
};
const uniqueLength = integer(1, 500);
const uniqueWindow = integer(1, 3600);

const reactions: Field<{ enabled: boolean; keys: readonly string[] }> = {
  strict: (value) => readReactions(value, 'strict'),
  lenient: (value) => readReactions(value, 'lenient'),
};
const reactionKeys = listOf(20, 64);

function readReactions(value: JsonValue | undefined, how: 'strict' | 'lenient') {
  if (!isJsonObject(value)) return undefined;
  const enabled = flag[how](value['enabled'] ?? true) ?? true;
  const keys = reactionKeys[how](value['keys'] ?? REACTION_KEYS);
  return keys === undefined ? undefined : { enabled, keys };
}

const exempt: Field<ReadonlyMap<string, readonly string[]>> = {
  strict: (value) => readExempt(value, 'strict'),
  lenient: (value) => readExempt(value, 'lenient'),
};
const roles = listOf(MAX_ROLES, 64);

function readExempt(value: JsonValue | undefined, how: 'strict' | 'lenient') {
  if (!isJsonObject(value)) return undefined;
  const modes = new Map<string, readonly string[]>();
  for (const mode of Object.keys(value)) {
    const list = EXEMPTIBLE.has(mode) ? roles[how](value[mode]) : undefined;
    if (list !== undefined) modes.set(mode, list);
    else if (how === 'strict') return undefined;
  }
  return modes;
}

/** The keys of the event, in the order in which they are told. */
const FIELDS = {
  slow: integer(0, 21_600),
  followers_only: optional(integer(0, 129_600)),
  subscribers_only: optional(integer(1, 3)),
  emote_only: flag,
  unique: optional(unique),
  delay: integer(0, 6),
  links: oneOf(LINK_POLICIES),
  images: flag,
  account_age: integer(0, 525_600),
  verified: listOf(2, 16, new Set(['email', 'phone'])),
  max_length: integer(1, 500),
  admit_rate: integer(1, 1000),
  display_rate: integer(1, 1000),
  reactions,
  first_time: oneOf(FIRST_TIME_POLICIES),
  exempt,
  rules: listOf(20, 200),
} as const;

/** The settings that the content of the event says. */
export function parseSettings(content: JsonObject | undefined): ChatSettings {
  const at = (key: string) => (content !== undefined && Object.hasOwn(content, key) ? content[key] : undefined);
  return {
    slow: FIELDS.slow.lenient(at('slow')) ?? 0,
    followersOnly: FIELDS.followers_only.lenient(at('followers_only')) ?? null,
    subscribersOnly: FIELDS.subscribers_only.lenient(at('subscribers_only')) ?? null,
    emoteOnly: FIELDS.emote_only.lenient(at('emote_only')) ?? false,
    unique: FIELDS.unique.lenient(at('unique')) ?? null,
    delay: FIELDS.delay.lenient(at('delay')) ?? 0,
    links: FIELDS.links.lenient(at('links')) ?? 'allow',
    images: FIELDS.images.lenient(at('images')) ?? false,
    accountAge: FIELDS.account_age.lenient(at('account_age')) ?? 0,
    verified: FIELDS.verified.lenient(at('verified')) ?? [],
    maxLength: FIELDS.max_length.lenient(at('max_length')) ?? 500,
    admitRate: FIELDS.admit_rate.lenient(at('admit_rate')) ?? 50,
    displayRate: FIELDS.display_rate.lenient(at('display_rate')) ?? 20,
    reactions: FIELDS.reactions.lenient(at('reactions')) ?? { enabled: true, keys: REACTION_KEYS },
    firstTime: FIELDS.first_time.lenient(at('first_time')) ?? 'allow',
    exempt: FIELDS.exempt.lenient(at('exempt')) ?? new Map(),
    rules: FIELDS.rules.lenient(at('rules')) ?? [],
  };
}

/** Which key of a moderator's change is out of range or of another type, if one is. Unknown keys are let through. */
export function findSettingsProblem(patch: JsonObject): string | undefined {
  return Object.keys(patch).find(
    (key) => Object.hasOwn(FIELDS, key) && FIELDS[key as keyof typeof FIELDS].strict(patch[key]) === undefined,
  );
}

/** The content with a change merged into it key by key; keys that nobody knows are kept. */
export function mergeSettings(content: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = {};
  for (const source of [content, patch]) {
    for (const key of Object.keys(source)) setOwn(merged, key, source[key]);
  }
  return merged;
}
