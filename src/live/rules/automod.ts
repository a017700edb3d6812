/** Automatic moderation: how much a channel takes of each category of words, and what becomes of the rest. */
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { TermMatcher } from '../../protocol/text-moderation/term-matcher.ts';
import { parseTerm } from '../../protocol/text-moderation/term-pattern.ts';

/** The strictest level; 0 looks for nothing. */
export const HIGHEST_LEVEL = 4;

/** A word that is caught from a level of its category on. */
export interface AutomodTerm {
  readonly category: string;
  readonly level: number;
}

export interface AutomodSettings {
  /** Levels by category, none of them 0. */
  readonly levels: ReadonlyMap<string, number>;
  readonly action: 'hold' | 'block';
}

/** The words of all categories, looked for at once. */
export function automodMatcher(
  groups: Iterable<AutomodTerm & { readonly patterns: readonly string[] }>,
): TermMatcher<AutomodTerm> {
  return new TermMatcher(
    [...groups].flatMap(({ category, level, patterns }) =>
      patterns.flatMap((pattern) => {
        const parsed = parseTerm(pattern);
        // What is no pattern finds nothing: the configuration has been checked.
        return typeof parsed === 'string' ? [] : [[parsed, { category, level }] as const];
      }),
    ),
  );
}

/** Levels out of JSON; undefined where a category is not known or a level is none. */
export function levelsIn(json: JsonObject, categories: ReadonlySet<string>): ReadonlyMap<string, number> | undefined {
  const levels = new Map<string, number>();
  if (!isJsonObject(json)) return undefined;
  for (const category of Object.keys(json)) {
    const level = json[category];
    const isLevel = typeof level === 'number' && Number.isInteger(level) && level >= 0 && level <= HIGHEST_LEVEL;
    if (!isLevel || !categories.has(category)) return undefined;
    if (level > 0) levels.set(category, level);
  }
  return levels;
}

/** Whether a channel has a word caught. */
export function isCaught({ levels }: AutomodSettings, { category, level }: AutomodTerm): boolean {
  return level <= (levels.get(category) ?? 0);
}
