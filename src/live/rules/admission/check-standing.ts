/** Step 1: whoever may not chat at all. */
import { refuse, type Step } from '../refusals.ts';
import type { Attempt } from './attempt.ts';

export function checkStanding({ sender, sanctions, now }: Attempt): Step {
  if (sender === undefined) return refuse('signed_out');
  if (sanctions.banned) return refuse('banned');
  const { timedOutUntil } = sanctions;
  if (timedOutUntil !== undefined && timedOutUntil > now) return refuse('timed_out', timedOutUntil - now);
  return sanctions.warned ? refuse('warned') : undefined;
}
