/** Step 4: the modes of the chat that ask who somebody is, by claims. */
import { isSaid } from '../chat-message.ts';
import { isEmotesOnly } from '../emotes.ts';
import { refuse, type Step } from '../refusals.ts';
import type { Standing } from '../standing.ts';
import { type Attempt, isExempt } from './attempt.ts';

const MINUTE = 60_000;

export function checkModes(attempt: Attempt): Step {
  const { sender } = attempt;
  if (sender === undefined) return undefined;
  return (
    checkFollower(attempt, sender) ??
    checkSubscriber(attempt, sender) ??
    checkEmotes(attempt) ??
    checkAccountAge(attempt, sender) ??
    checkVerified(attempt, sender) ??
    checkFirstTime(attempt, sender)
  );
}

function checkFollower(attempt: Attempt, sender: Standing): Step {
  const { followersOnly } = attempt.settings;
  if (followersOnly === null || isExempt(attempt, 'followers_only') || sender.tier > 0) return undefined;
  return waited('followers_only', sender.followingSince, followersOnly, attempt.now);
}

function checkSubscriber(attempt: Attempt, sender: Standing): Step {
  const { subscribersOnly } = attempt.settings;
  if (subscribersOnly === null || isExempt(attempt, 'subscribers_only')) return undefined;
  return sender.tier < subscribersOnly ? refuse('subscribers_only') : undefined;
}

function checkEmotes(attempt: Attempt): Step {
  const { message, settings } = attempt;
  if (!settings.emoteOnly || message.isSticker || !isSaid(message)) return undefined;
  if (isExempt(attempt, 'emote_only') || isEmotesOnly(message.body, message.emotes)) return undefined;
  return refuse('emote_only');
}

function checkAccountAge(attempt: Attempt, sender: Standing): Step {
  const { accountAge } = attempt.settings;
  if (accountAge === 0 || isExempt(attempt, 'account_age')) return undefined;
  return waited('account_age', sender.accountSince, accountAge, attempt.now);
}

function checkVerified(attempt: Attempt, sender: Standing): Step {
  const { verified } = attempt.settings;
  if (isExempt(attempt, 'verified')) return undefined;
  return verified.every((what) => sender.verified.includes(what)) ? undefined : refuse('unverified');
}

function checkFirstTime(attempt: Attempt, sender: Standing): Step {
  const { firstTime } = attempt.settings;
  if (firstTime === 'allow' || !isSaid(attempt.message) || sender.hasChatted || isExempt(attempt, 'first_time'))
    return undefined;
  return firstTime === 'block' ? refuse('first_time') : { outcome: 'hold', reason: 'first_time' };
}

/** Refuses until `minutes` have gone since `since`; without an end where there is no beginning. */
function waited(code: 'followers_only' | 'account_age', since: number | undefined, minutes: number, now: number): Step {
  if (since === undefined) return refuse(code);
  const left = since + minutes * MINUTE - now;
  return left > 0 ? refuse(code, left) : undefined;
}
