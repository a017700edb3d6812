import type { JsonObject } from '../../protocol/json.ts';
import { type Stage, TERMS } from './stages.ts';

/** A document that people agree to when they register. */
export interface Term {
  /** Names it, in letters, digits and `_`. */
  readonly id: string;
  readonly version: string;
  readonly language: string;
  readonly name: string;
  readonly url: string;
}

/** Source: https://spec.matrix.org/v1.19/client-server-api/#terms-of-service-at-registration */
export function termsStage(terms: readonly Term[]): Stage {
  const policies: JsonObject = Object.create(null);
  for (const { id, version, language, name, url } of terms) {
    const before = policies[id] as JsonObject | undefined;
    policies[id] = { ...before, version, [language]: { name, url } };
  }
  return { type: TERMS, params: { policies }, check: async () => ({}) };
}

/** What somebody who agrees to terms agrees to: every document in its version, whatever its language. */
export function versionOfTerms(terms: readonly Term[]): string {
  const documents = new Set(terms.map(({ id, version }) => JSON.stringify([id, version])));
  return `[${[...documents].sort().join(',')}]`;
}
