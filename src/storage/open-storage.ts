import type { NidKind, Storage } from './contract/storage.ts';
import type { Backend } from './engine/backend.ts';
import { Committer } from './engine/committer.ts';
import { migratePostgres, migrateSqlite } from './engine/migrate.ts';
import { openPostgresBackend } from './engine/postgres-backend.ts';
import { openSqliteBackend } from './engine/sqlite-backend.ts';
import { query } from './sql/query.ts';
import { readTx } from './sql/read-tx.ts';

/** Where the data is, and the bounds of its queues. */
export interface StorageOptions {
  readonly database:
    | { readonly engine: 'sqlite'; readonly path: string; readonly readThreads: number }
    | { readonly engine: 'postgres'; readonly url: string; readonly poolSize: number };
  /** Write sets in one transaction at most. */
  readonly maxBatch: number;
  /** Write sets that may wait; beyond, writes are refused with 503. */
  readonly maxPending: number;
}

const head = query<Record<never, never>, { head: number }>(
  'select coalesce(max(last_position), 0) as head from commit_log',
);
const greatest = {
  room: query<Record<never, never>, { n: number }>('select coalesce(max(room_nid), 0) as n from rooms'),
  event: query<Record<never, never>, { n: number }>('select coalesce(max(event_nid), 0) as n from events'),
  layer: query<Record<never, never>, { n: number }>('select coalesce(max(layer_nid), 0) as n from state_layers'),
};

async function openBackend(database: StorageOptions['database']): Promise<Backend> {
  if (database.engine === 'sqlite') {
    await migrateSqlite(database.path);
    return openSqliteBackend(database);
  }
  await migratePostgres(database.url);
  return openPostgresBackend(database);
}

/**
 * Connects, migrates the schema and opens the storage.
 * @throws SchemaTooNewError if a newer iGChat has migrated the database.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const backend = await openBackend(options.database);
  const nids: Record<NidKind, number> = { room: 0, event: 0, layer: 0 };
  for (const kind of ['room', 'event', 'layer'] as const) {
    nids[kind] = (await backend.reader.one(greatest[kind], {}))!.n;
  }
  const committer = new Committer(backend, (await backend.reader.one(head, {}))!.head, options);
  const tx = readTx(backend.reader);
  return {
    read: (fn) => fn(tx),
    readHeavy: (fn) => backend.heavy((reader) => fn(readTx(reader))),
    commit: (set) => committer.commit(set),
    get head() {
      return committer.head;
    },
    nextNid(kind) {
      nids[kind] += 1;
      return nids[kind];
    },
    drain: () => committer.drain(),
    async close() {
      await committer.drain();
      await backend.close();
    },
  };
}
