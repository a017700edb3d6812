/** Attempts for tables of cases: an ordinary message by an ordinary chatter, and what differs. */

import type { Attempt, Term } from '../../../src/live/rules/admission/attempt.ts';
import { NO_PACE } from '../../../src/live/rules/admission/pace.ts';
import { readChatMessage } from '../../../src/live/rules/chat-message.ts';
import type { EmoteSet } from '../../../src/live/rules/emotes.ts';
import { parseSettings } from '../../../src/live/rules/settings.ts';
import type { Standing } from '../../../src/live/rules/standing.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { TermMatcher } from '../../../src/protocol/text-moderation/term-matcher.ts';
import { parseTerm, type TermPattern } from '../../../src/protocol/text-moderation/term-pattern.ts';

export const NOW = 1_795_152_000_000;
export const MINUTE = 60_000;

export const EMOTES: EmoteSet = new Map([
  ['beam:hype', { id: 'beam:hype', mxc: 'mxc://beamify.test/hype' }],
  [':wave:', { id: 'wave', mxc: 'mxc://beamify.test/wave' }],
]);

export const VIEWER: Standing = {
  userId: '@zed:beamify.test',
  power: 0,
  isStreamer: false,
  isBot: false,
  roles: [],
  followingSince: undefined,
  tier: 0,
  subscribedMonths: 0,
  accountSince: NOW - 1000 * MINUTE,
  verified: [],
  badges: [],
  hasChatted: true,
};

export const STREAMER: Standing = { ...VIEWER, userId: '@kai:beamify.test', power: 100, isStreamer: true };
export const MODERATOR: Standing = { ...VIEWER, userId: '@mod:beamify.test', power: 50 };
export const VIP: Standing = { ...VIEWER, power: 10, roles: ['vip'] };
export const SUBSCRIBER: Standing = { ...VIEWER, tier: 1, subscribedMonths: 6 };
export const BOT: Standing = { ...VIEWER, isBot: true };

/** What differs from an ordinary attempt; `content` and `settings` as JSON. */
export interface Difference extends Partial<Omit<Attempt, 'settings' | 'message' | 'terms'>> {
  readonly settings?: JsonObject;
  readonly type?: string;
  readonly body?: string;
  readonly content?: JsonObject;
  readonly terms?: readonly (readonly [pattern: string, action: 'hold' | 'block', expires?: number])[];
}

export function attempt({ settings, type, body, content, terms = [], ...rest }: Difference = {}): Attempt {
  const json: JsonObject = content ?? { msgtype: 'm.text', body: body ?? 'good game everybody' };
  return {
    now: NOW,
    message: readChatMessage(type ?? 'm.room.message', json, EMOTES),
    sender: VIEWER,
    sanctions: { banned: false, timedOutUntil: undefined, warned: false },
    chatOpen: true,
    settings: parseSettings(settings),
    pace: NO_PACE,
    paceLimits: {
      floorMs: 1000,
      users: { count: 20, perMs: 30_000 },
      moderators: { count: 100, perMs: 30_000 },
      bots: { count: 300, perMs: 30_000 },
    },
    roomBucket: { tokens: 50, at: NOW },
    recent: { ownLast: () => undefined, anyLast: () => undefined, otherUsers: () => 0 },
    terms: new TermMatcher(
      terms.map(([pattern, action, expires]): [TermPattern, Term] => [
        parseTerm(pattern) as TermPattern,
        { pattern, action, expires },
      ]),
    ),
    textLimits: { mentions: 5, pictures: 20, floodUsers: 8, capitals: 0.8 },
    ...rest,
  };
}
