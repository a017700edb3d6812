/**
 * Admission to a live room: the ten steps, in order; the first refusal wins. Steps 1 to 7 are here as one function;
 * 8 asks a classifier outside, 9 waits, 10 writes: the service does these, and this folder decides what they mean.
 */
import type { Refusal, Step } from '../refusals.ts';
import { type Attempt, isExempt } from './attempt.ts';
import { checkForm } from './check-form.ts';
import { checkModes } from './check-modes.ts';
import { checkPace } from './check-pace.ts';
import { checkRepetition } from './check-repetition.ts';
import { checkRoomRate } from './check-room-rate.ts';
import { checkStanding } from './check-standing.ts';
import { checkText } from './check-text.ts';

/** The steps that look at nothing but memory, as the design numbers them. */
export const STEPS: readonly ((attempt: Attempt) => Step)[] = [
  checkStanding,
  checkForm,
  checkPace,
  checkModes,
  checkRepetition,
  checkRoomRate,
  checkText,
];

/** The steps up to this number cost the sender nothing; whoever gets further has used up a try. */
export const FREE_STEPS = 2;

export interface Decision {
  /** Undefined: let in. A hold of an early step stands unless a later step refuses. */
  readonly verdict: Step;
  /** Whether the try counts against the sender's limits. */
  readonly counts: boolean;
}

export function decide(attempt: Attempt): Decision {
  let held: Step;
  for (const [index, step] of STEPS.entries()) {
    const verdict = step(attempt);
    if (verdict?.outcome === 'refuse') return { verdict, counts: index >= FREE_STEPS };
    held ??= verdict;
  }
  return { verdict: held, counts: true };
}

export type ClassifierAnswer = { readonly verdict: 'allow' | 'hold' } | { readonly verdict: 'block' } | 'no_answer';

/** Step 8: what the classifier said, or the channel's choice for when it says nothing in time. */
export function judgeClassifier(answer: ClassifierAnswer, fallback: 'allow' | 'hold'): Step {
  const verdict = answer === 'no_answer' ? fallback : answer.verdict;
  if (verdict === 'allow') return undefined;
  if (verdict === 'hold') return { outcome: 'hold', reason: 'classifier' };
  return { outcome: 'refuse', code: 'blocked_term' } satisfies Refusal;
}

/** Step 9: milliseconds that the message waits before it becomes an event. */
export function delayOf(attempt: Attempt): number {
  return isExempt(attempt, 'delay') ? 0 : attempt.settings.delay * 1000;
}
