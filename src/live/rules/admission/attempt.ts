/** What the steps of admission look at. Everything is in memory; nothing here is changed by a step. */
import type { TermMatcher } from '../../../protocol/text-moderation/term-matcher.ts';
import type { AutomodSettings, AutomodTerm } from '../automod.ts';
import type { ChatMessage } from '../chat-message.ts';
import type { ChatSettings } from '../settings.ts';
import { hasRole, isModerator, type Sanctions, type Standing } from '../standing.ts';
import type { Bucket, PaceLimits, PaceRecord } from './pace.ts';

export interface Term {
  readonly pattern: string;
  readonly action: 'hold' | 'block';
  /** Milliseconds since the epoch at which it ends to count; undefined: never. */
  readonly expires: number | undefined;
}

/** Who said what of late in the room, by skeleton. */
export interface RecentTexts {
  /** When the sender last said it; undefined if not within half a minute. */
  ownLast(skeleton: string): number | undefined;
  /** When anybody last said it, within the window of the setting `unique`. */
  anyLast(skeleton: string): number | undefined;
  /** Users that have said it within ten seconds, without the sender. */
  otherUsers(skeleton: string): number;
}

export interface TextLimits {
  readonly mentions: number;
  readonly pictures: number;
  /** Users with the same text within ten seconds, from which on it is a flood. */
  readonly floodUsers: number;
  /** Share of capitals, 0 to 1, that is too loud; 1: never. */
  readonly capitals: number;
}

/** What automatic moderation looks for in a channel. */
export interface AutomodView {
  readonly settings: AutomodSettings;
  readonly matcher: TermMatcher<AutomodTerm>;
}

/** A message at the door of a live room. */
export interface Attempt {
  readonly now: number;
  readonly message: ChatMessage;
  /** Undefined for somebody without an account. */
  readonly sender: Standing | undefined;
  readonly sanctions: Sanctions;
  /** Whether only members may watch and chat, and the sender is none. */
  readonly isOutside?: boolean;
  readonly chatOpen: boolean;
  readonly settings: ChatSettings;
  /** What the sender has sent before. */
  readonly pace: PaceRecord;
  readonly paceLimits: PaceLimits;
  /** What the room has taken in before. */
  readonly roomBucket: Bucket;
  readonly recent: RecentTexts;
  readonly terms: TermMatcher<Term>;
  readonly automod?: AutomodView | undefined;
  readonly textLimits: TextLimits;
}

/** Whether a mode of the settings, named by its key, does not bind the sender: moderators, and the roles exempt. */
export function isExempt(attempt: Attempt, mode: string): boolean {
  const { sender, settings } = attempt;
  if (sender === undefined) return false;
  return isModerator(sender) || (settings.exempt.get(mode) ?? []).some((role) => hasRole(sender, role));
}
