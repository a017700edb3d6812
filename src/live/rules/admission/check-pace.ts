/** Step 3: nobody sends too fast. */
import { isSaid } from '../chat-message.ts';
import { refuse, type Step } from '../refusals.ts';
import { isModerator } from '../standing.ts';
import { type Attempt, isExempt } from './attempt.ts';
import { rateOf, refilled, waitFor } from './pace.ts';

export function checkPace(attempt: Attempt): Step {
  const { sender, pace, paceLimits, settings, now, message } = attempt;
  if (sender === undefined) return undefined;
  const rate = rateOf(paceLimits, sender);
  const wait = waitFor(refilled(pace.bucket, rate, now), rate);
  if (wait > 0) return refuse('rate_limited', wait);
  if (!isSaid(message) || pace.lastAt === undefined || isModerator(sender) || sender.isBot) return undefined;
  const slow = isExempt(attempt, 'slow') ? 0 : settings.slow * 1000;
  const since = Math.max(0, now - pace.lastAt);
  if (slow > paceLimits.floorMs && since < slow) return refuse('slow_mode', slow - since);
  return since < paceLimits.floorMs ? refuse('rate_limited', paceLimits.floorMs - since) : undefined;
}
