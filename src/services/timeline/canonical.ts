import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { badJson } from '../../protocol/errors.ts';

/**
 * Runs what needs content in canonical form.
 * @throws M_BAD_JSON if the content has none (a float, an integer that is too large, a lone surrogate)
 */
export function canonical<T>(fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw badJson(error.message);
    throw error;
  }
}
