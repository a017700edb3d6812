import { strict as assert } from 'node:assert';
import type { Homeserver } from './launch.ts';

/**
 * Works through the lanes, all at once and each piece by piece, and kills the server as soon as so many pieces are done.
 * Every lane ends with the piece that fails then: its owner does not know whether it was done.
 */
export async function killDuring<T>(
  homeserver: Homeserver,
  lanes: readonly (readonly T[])[],
  done: number,
  perform: (piece: T) => Promise<void>,
): Promise<void> {
  let succeeded = 0;
  let interrupted = 0;
  let killed: Promise<void> | undefined;
  const work = async (lane: readonly T[]) => {
    for (const piece of lane) {
      await perform(piece);
      succeeded += 1;
      if (succeeded === done) killed = homeserver.kill();
    }
  };
  await Promise.all(
    lanes.map((lane) =>
      work(lane).catch(() => {
        interrupted += 1;
      }),
    ),
  );
  assert.ok(killed !== undefined, `only ${succeeded} pieces of work were done`);
  assert.ok(interrupted > 0, 'everything had been answered by then');
  await killed;
}

/** Deals things out to so many lanes. */
export function inLanes<T>(things: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, lane) => things.filter((_thing, n) => n % count === lane));
}
