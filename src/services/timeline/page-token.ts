import type { PagePoint } from '../../storage/contract/events.ts';

/** The first chunk of a room's pages, and mostly the only one: others follow where something was missed. */
export const FIRST_CHUNK = 0;

/** Before everything: the beginning of a room's oldest chunk. */
export const BEGINNING: PagePoint = { chunk: FIRST_CHUNK, index: -999_999_999_999_999 };

/**
 * A pagination token names the point between two events of a room's pages, and means the same in both directions:
 * `t<chunk>_<index>` is the point right after `index`.
 */
export function pageToken(point: PagePoint): string {
  return `t${point.chunk}_${point.index}`;
}

const TOKEN = /^t(\d{1,15})_(-?\d{1,15})$/;
/** Sync tokens are accepted too: they name the point after everything up to their stream position. */
const SYNC_TOKEN = /^s\d+\.(\d{1,15})\./;

/**
 * The point of a token, or undefined if it is none.
 * @param chunkAt the chunk that an event with this stream position would be in
 */
export function parsePageToken(text: string, chunkAt: (position: number) => number): PagePoint | undefined {
  const page = TOKEN.exec(text);
  if (page) return { chunk: Number(page[1]), index: Number(page[2]) };
  const sync = SYNC_TOKEN.exec(text);
  const position = Number(sync?.[1]);
  return sync ? { chunk: chunkAt(position), index: position } : undefined;
}
