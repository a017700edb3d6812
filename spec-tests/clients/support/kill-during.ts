import { strict as assert } from 'node:assert';
import type { Homeserver } from './launch.ts';

/**
 * Does all of the work at once, and kills the server as soon as so many pieces are done. The pieces that fail then are
 * left: their owners do not know whether they were done.
 */
export async function killDuring<T>(
  homeserver: Homeserver,
  work: readonly T[],
  done: number,
  perform: (piece: T) => Promise<void>,
): Promise<void> {
  let succeeded = 0;
  let killed: Promise<void> | undefined;
  await Promise.all(
    work.map(async (piece) => {
      const worked = await perform(piece).then(
        () => true,
        () => false,
      );
      if (!worked) return;
      succeeded += 1;
      if (succeeded === done) killed = homeserver.kill();
    }),
  );
  assert.ok(killed !== undefined, `only ${succeeded} of ${work.length} were answered`);
  await killed;
}
