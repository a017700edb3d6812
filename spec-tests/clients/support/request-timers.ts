/**
 * matrix-js-sdk gives every request a timer, 110 seconds for a sync, that it never clears. So that a test process ends
 * when its tests do, a timer as long as that does not keep it alive. Importing this file is enough.
 */
const SHORTEST_REQUEST_MS = 30_000;

const original = globalThis.setTimeout;

function unreferencedWhenLong(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) {
  const timer = original(callback, ms, ...args);
  if (ms !== undefined && ms >= SHORTEST_REQUEST_MS) timer.unref();
  return timer;
}

globalThis.setTimeout = Object.defineProperties(
  unreferencedWhenLong,
  Object.getOwnPropertyDescriptors(original),
) as typeof globalThis.setTimeout;
