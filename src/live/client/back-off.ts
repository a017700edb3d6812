/** Milliseconds until the next try: any time up to one that doubles with each failure. */
export function backOff(failures: number): number {
  return Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
