/** Step 1: whoever may not chat at all. */
import { type Refusal, refuse, type Step } from '../refusals.ts';
import { isModerator, type Sanctions } from '../standing.ts';
import type { Attempt } from './attempt.ts';

export function checkStanding({ sender, sanctions, isOutside, now }: Attempt): Step {
  if (sender === undefined) return refuse('signed_out');
  const sanction = checkSanctions(sanctions, now);
  if (sanction) return sanction;
  return isOutside === true && !isModerator(sender) ? refuse('members_only') : undefined;
}

/** What holds against somebody at `now`. */
export function checkSanctions({ banned, timedOutUntil, warned }: Sanctions, now: number): Refusal | undefined {
  if (banned) return refuse('banned');
  if (timedOutUntil !== undefined && timedOutUntil > now) return refuse('timed_out', timedOutUntil - now);
  return warned ? refuse('warned') : undefined;
}
