import { openStorage, type StorageOptions } from '../../src/storage/open-storage.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { TestEngine } from './engines.ts';

/** Options for a storage on a test database. What goes wrong inside is thrown. */
export function storageOptions(engine: TestEngine, changes: Partial<StorageOptions> = {}): StorageOptions {
  const { database } = engine.config();
  return {
    database:
      database.engine === 'sqlite'
        ? { engine: 'sqlite', path: database.path, readThreads: 2 }
        : { engine: 'postgres', url: database.url!, poolSize: 4 },
    user: 'server',
    clock: systemClock,
    lockTimeout: 10_000,
    maxBatch: 500,
    maxPending: 50_000,
    maxReads: 1_000,
    onFault: (error) => {
      throw error;
    },
    ...changes,
  };
}

export const openTestStorage = (engine: TestEngine, changes?: Partial<StorageOptions>) =>
  openStorage(storageOptions(engine, changes));
