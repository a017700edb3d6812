/** The terms of all channels, each compiled into one matcher when it is first needed after a change. */
import { TermMatcher } from '../../protocol/text-moderation/term-matcher.ts';
import { parseTerm } from '../../protocol/text-moderation/term-pattern.ts';
import type { Term } from '../rules/admission/attempt.ts';
import type { TermRow } from '../store/live-store.ts';

const NONE = new TermMatcher<Term>([]);

export class TermLists {
  readonly #rows = new Map<string, Map<string, TermRow>>();
  readonly #matchers = new Map<string, TermMatcher<Term>>();

  put(row: TermRow): void {
    const rows = this.#rows.get(row.channel_id) ?? new Map<string, TermRow>();
    rows.set(row.pattern, row);
    this.#rows.set(row.channel_id, rows);
    this.#matchers.delete(row.channel_id);
  }

  remove(channelId: string, pattern: string): void {
    const rows = this.#rows.get(channelId);
    rows?.delete(pattern);
    if (rows?.size === 0) this.#rows.delete(channelId);
    this.#matchers.delete(channelId);
  }

  /** Those of a channel, in the order in which they came. */
  of(channelId: string, now: number): readonly TermRow[] {
    return [...(this.#rows.get(channelId)?.values() ?? [])].filter(({ expires }) => expires === null || expires > now);
  }

  matcherOf(channelId: string): TermMatcher<Term> {
    const rows = this.#rows.get(channelId);
    if (!rows) return NONE;
    const known = this.#matchers.get(channelId);
    if (known) return known;
    const matcher = new TermMatcher<Term>(
      [...rows.values()].flatMap(({ pattern, action, expires }) => {
        const parsed = parseTerm(pattern);
        // Patterns are checked when they are added; one of another version of the rules finds nothing.
        return typeof parsed === 'string'
          ? []
          : [[parsed, { pattern, action, expires: expires ?? undefined }] as const];
      }),
    );
    this.#matchers.set(channelId, matcher);
    return matcher;
  }

  expire(now: number): void {
    for (const [channelId, rows] of this.#rows) {
      for (const { pattern, expires } of [...rows.values()]) {
        if (expires !== null && expires <= now) this.remove(channelId, pattern);
      }
    }
  }
}
