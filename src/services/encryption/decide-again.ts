import { ConflictError } from '../../storage/contract/write-set.ts';

const ATTEMPTS = 20;

/** Gathers, decides and commits; again if somebody else was faster, so that nothing is decided on what is no more. */
export async function decideAgainOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConflictError) || left <= 1) throw error;
    }
  }
}
