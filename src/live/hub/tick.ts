/** One tick of a channel: what all of its viewers are told at once, made once for each profile that has viewers. */
import { entriesText, type NumberedEntry } from './entry.ts';

/** `lite`: no counts and reactions. `overlay`: no bots and commands. */
export type Profile = 'full' | 'lite' | 'overlay';

export interface TickParts {
  /** The number of the channel in this process. */
  readonly handle: number;
  readonly epoch: string;
  /** The highest number before this tick. */
  readonly previous: number;
  readonly last: number;
  readonly entries: readonly NumberedEntry[];
  /** JSON of counts that changed. */
  readonly aggregates: string | undefined;
  readonly skipped: number;
  /** Sent again to one who missed it. */
  readonly isRecovery: boolean;
}

/**
 * The frame of a profile, or undefined where there is nothing to tell it. The epoch is that of the last `joined` or `snap`:
 * whoever stands in another one is sent a snapshot first.
 */
export function tickText(parts: TickParts, profile: Profile): string | undefined {
  const { handle, previous, last, skipped, isRecovery } = parts;
  const aggregates = profile === 'lite' ? undefined : parts.aggregates;
  if (last === previous && aggregates === undefined && skipped === 0) return undefined;
  const shown = profile === 'overlay' ? parts.entries.filter(({ noOverlay }) => !noOverlay) : parts.entries;
  let text = `{"op":"t","r":${handle},"p":${previous},"q":${last}`;
  if (shown.length > 0) text += `,"ev":[${entriesText(shown, previous)}]`;
  if (aggregates !== undefined) text += `,"a":${aggregates}`;
  if (skipped > 0) text += `,"sk":${skipped}`;
  return `${text}${isRecovery ? ',"re":1' : ''}}`;
}
