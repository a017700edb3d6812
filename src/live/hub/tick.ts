/** One tick of a channel: what all of its viewers are told at once, made once for each profile that has viewers. */
import { entryText, type NumberedEntry } from './entry.ts';

/** `lite`: no counts and reactions. `overlay`: no bots and commands. */
export type Profile = 'full' | 'lite' | 'overlay';

export interface TickParts {
  /** The number of the channel in this process. */
  readonly handle: number;
  readonly epoch: string;
  /** The highest number before this tick. */
  readonly previous: number;
  readonly last: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly entries: readonly NumberedEntry[];
  /** JSON of counts that changed. */
  readonly aggregates: string | undefined;
  readonly skipped: number;
  /** Sent again to one who missed it. */
  readonly isRecovery: boolean;
}

/** The frame of a profile, or undefined where there is nothing to tell it. */
export function tickText(parts: TickParts, profile: Profile): string | undefined {
  const { handle, epoch, previous, last, at, skipped, isRecovery } = parts;
  const aggregates = profile === 'lite' ? undefined : parts.aggregates;
  if (last === previous && aggregates === undefined && skipped === 0) return undefined;
  const shown = profile === 'overlay' ? parts.entries.filter(({ noOverlay }) => !noOverlay) : parts.entries;
  let text = `{"op":"t","r":${handle},"e":"${epoch}","p":${previous},"q":${last},"st":${at}`;
  if (shown.length > 0) text += `,"ev":[${shown.map(entryText).join()}]`;
  if (aggregates !== undefined) text += `,"a":${aggregates}`;
  if (skipped > 0) text += `,"sk":${skipped}`;
  return `${text}${isRecovery ? ',"re":1' : ''}}`;
}
