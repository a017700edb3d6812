/** Step 5: nobody says the same again, and in unique mode nobody says what another has just said. */
import { codePoints } from '../emotes.ts';
import { refuse, type Step } from '../refusals.ts';
import { isModerator } from '../standing.ts';
import { type Attempt, isExempt } from './attempt.ts';

/** How long the same text of the same user is a duplicate. */
export const DUPLICATE_MS = 30_000;

export function checkRepetition(attempt: Attempt): Step {
  const { sender, message, settings, recent, now } = attempt;
  if (sender === undefined || isModerator(sender) || sender.isBot || message.skeleton === '') return undefined;
  if (message.type !== 'm.room.message') return undefined;
  const own = recent.ownLast(message.skeleton);
  if (own !== undefined && now - own < DUPLICATE_MS) return refuse('duplicate', own + DUPLICATE_MS - now);
  const { unique } = settings;
  if (unique === null || isExempt(attempt, 'unique') || codePoints(message.body) < unique.minLength) return undefined;
  const any = recent.anyLast(message.skeleton);
  const windowMs = unique.windowS * 1000;
  return any !== undefined && now - any < windowMs ? refuse('not_unique', any + windowMs - now) : undefined;
}
