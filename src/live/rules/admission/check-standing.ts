/** Step 1: whoever may not chat at all. */
import { type Refusal, refuse, type Step } from '../refusals.ts';
import type { Sanctions } from '../standing.ts';
import type { Attempt } from './attempt.ts';

export function checkStanding({ sender, sanctions, now }: Attempt): Step {
  return sender === undefined ? refuse('signed_out') : checkSanctions(sanctions, now);
}

/** What holds against somebody at `now`. */
export function checkSanctions({ banned, timedOutUntil, warned }: Sanctions, now: number): Refusal | undefined {
  if (banned) return refuse('banned');
  if (timedOutUntil !== undefined && timedOutUntil > now) return refuse('timed_out', timedOutUntil - now);
  return warned ? refuse('warned') : undefined;
}
