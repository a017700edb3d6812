/** A process of its own: commits rooms with many sets under way, and prints how many, from the first on, are durable. */
import { openStorage, type StorageOptions } from '../../../src/storage/open-storage.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { addPositioned, roomSet } from '../write-sets.ts';

const given = JSON.parse(process.argv[2]!) as { engine: 'sqlite' | 'postgres'; path: string; url: string };
const database: StorageOptions['database'] =
  given.engine === 'sqlite'
    ? { engine: 'sqlite', path: given.path, readThreads: 1 }
    : { engine: 'postgres', url: given.url, poolSize: 2 };
const storage = await openStorage({
  database,
  user: 'server',
  clock: systemClock,
  lockTimeout: 10_000,
  maxBatch: 7,
  maxPending: 10_000,
  maxReads: 10,
  onFault: (error) => {
    throw error;
  },
});

const done = new Set<number>();
let contiguous = 0;
for (let i = 1; ; i++) {
  const set = roomSet(i);
  addPositioned(set, String(i));
  const committed = storage.commit(set).then(() => {
    done.add(i);
    while (done.has(contiguous + 1)) contiguous += 1;
    process.stdout.write(`${contiguous}\n`);
  });
  if (i % 20 === 0) await committed;
}
