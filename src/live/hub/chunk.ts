/** Two seconds of a channel as one text, the same on every process, for those who poll. */
import { entriesText, type NumberedEntry } from './entry.ts';

export const CHUNK_MS = 2000;

export function chunkText(epoch: string, slot: number, entries: readonly NumberedEntry[]): string {
  const next = `"next":${slot + 1},"interval_ms":${CHUNK_MS}`;
  return `{"epoch":"${epoch}","n":${slot},"ev":[${entriesText(entries)}],${next}}`;
}
