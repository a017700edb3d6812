/** Turns of the event loop, and whether they are needed by others. */

/** Milliseconds of a turn in which nothing was done: accepting one connection takes longer. */
const IDLE_MS = 0.08;

/** Calls `fn` in the next turn of the event loop, with whether nobody had work for it meanwhile. */
export function nextTurn(fn: (isIdle: boolean) => void): void {
  const from = performance.now();
  setImmediate(() => fn(performance.now() - from < IDLE_MS));
}
