import { ConflictError, StaleDecisionError } from './write-set.ts';

const ATTEMPTS = 10;

/**
 * Runs a decision that reads, decides and commits, again when what it was decided on has changed meanwhile.
 * @throws ConflictError when that happens ten times in a row.
 */
export async function decideAgain<T>(decide: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await decide();
    } catch (error) {
      const outdated = error instanceof ConflictError || error instanceof StaleDecisionError;
      if (!outdated || attempt === ATTEMPTS) throw error;
    }
  }
}
