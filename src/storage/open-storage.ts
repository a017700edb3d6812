import type { Clock } from '../util/clock.ts';
import type { ReadTx } from './contract/read-tx.ts';
import type { NidKind, Storage } from './contract/storage.ts';
import type { Backend } from './engine/backend.ts';
import { Committer } from './engine/committer.ts';
import { migrateSqlite } from './engine/migrate.ts';
import { openPostgresBackend, openPostgresReader } from './engine/postgres-backend.ts';
import { openSqliteBackend, openSqliteReader } from './engine/sqlite-backend.ts';
import { lockSqliteForServer } from './engine/sqlite-server-lock.ts';
import { mutationsWith, type SqlArea } from './sql/area.ts';
import { query, type Reader } from './sql/query.ts';
import { readTx } from './sql/read-tx.ts';

/** Where the data is, who uses it, and the bounds of its queues. */
export interface StorageOptions {
  readonly database:
    | { readonly engine: 'sqlite'; readonly path: string; readonly readThreads: number }
    | { readonly engine: 'postgres'; readonly url: string; readonly poolSize: number };
  /**
   * A database has one server at a time. A command may work beside it; it makes no rooms or events, for the server
   * would not know of them.
   */
  readonly user: 'server' | 'command';
  readonly clock: Clock;
  /** Milliseconds to wait for a lock that another program holds; then a write fails as unavailable. */
  readonly lockTimeout: number;
  /** Write sets in one transaction at most. */
  readonly maxBatch: number;
  /** Write sets that may wait; beyond, writes are refused with 503. */
  readonly maxPending: number;
  /** Long reads that may wait; beyond, they are refused with 503. */
  readonly maxReads: number;
  /** What extensions bring along. */
  readonly areas?: readonly SqlArea[];
  /** Told of what should not happen and must not stop the server: for the log. */
  readonly onFault: (error: unknown) => void;
}

const head = query<Record<never, never>, { head: number }>(
  'select coalesce(max(last_position), 0) as head from commit_log',
);
const greatest = {
  room: query<Record<never, never>, { n: number }>('select coalesce(max(room_nid), 0) as n from rooms'),
  event: query<Record<never, never>, { n: number }>('select coalesce(max(event_nid), 0) as n from events'),
  layer: query<Record<never, never>, { n: number }>('select coalesce(max(layer_nid), 0) as n from state_layers'),
};

async function openBackend({ database, ...options }: StorageOptions): Promise<Backend> {
  const isServer = options.user === 'server';
  if (database.engine === 'postgres') return openPostgresBackend({ ...database, ...options, isServer });
  const unlock = isServer ? lockSqliteForServer(database.path) : () => undefined;
  try {
    await migrateSqlite(database.path);
    const backend = openSqliteBackend({ ...database, ...options });
    return { ...backend, close: () => backend.close().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function lastNids(reader: Reader): Promise<Record<NidKind, number>> {
  const last = async (kind: NidKind) => (await reader.one(greatest[kind], {}))!.n;
  return { room: await last('room'), event: await last('event'), layer: await last('layer') };
}

/**
 * Connects, migrates the schema and opens the storage.
 * @throws SchemaTooNewError if a newer iGChat has migrated the database
 * @throws DatabaseInUseError if another server uses it
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const backend = await openBackend(options);
  const nids = await lastNids(backend.reader);
  const committer = new Committer(backend, (await backend.reader.one(head, {}))!.head, {
    ...options,
    mutations: mutationsWith(options.areas ?? []),
  });
  const tx = readTx(backend.reader);
  return {
    read: (fn) => fn(tx),
    readHeavy: (fn) => backend.heavy((reader) => fn(readTx(reader))),
    readArea: (area, fn) => fn(area.open(backend.reader as never)),
    commit: (set) => committer.commit(set),
    get head() {
      return committer.head;
    },
    nextNid(kind) {
      if (options.user === 'command') throw new Error('only the server makes rooms and events');
      nids[kind] += 1;
      return nids[kind];
    },
    drain: () => committer.drain(),
    async close() {
      await committer.close();
      await backend.close();
    },
  };
}

/** Where to read, in a form that can be handed to another thread. */
export type ReaderOptions = Pick<StorageOptions, 'database' | 'lockTimeout'>;

/** A connection that only reads, for a thread that works on what it reads: a storage is open beside it. */
export interface StorageReader {
  read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openReader({ database, lockTimeout }: ReaderOptions): StorageReader {
  const { reader, close } =
    database.engine === 'postgres'
      ? openPostgresReader({ url: database.url, lockTimeout })
      : openSqliteReader({ path: database.path, lockTimeout });
  const tx = readTx(reader);
  return { read: (fn) => fn(tx), close: async () => close() };
}
