import type { Statement } from 'better-sqlite3';
import { StorageUnavailableError } from '../contract/write-set.ts';
import { sqliteDialect } from '../dialects/sqlite.ts';
import type { SqlArea } from '../sql/area.ts';
import { bind, type CompiledQuery, type Params, type Query, QueryCompiler, type Reader } from '../sql/query.ts';
import type { Backend, EncodedSet, Ticket, Transacted } from './backend.ts';
import { openForReading } from './sqlite-open.ts';
import type { ReaderData } from './sqlite-reader.ts';
import type { StagedPart, WriterData, WriterRequest, WrittenMutation } from './sqlite-writer.ts';
import { Thread } from './thread.ts';
import { workerUrl } from './worker-url.ts';

type ReadReply = { rows: unknown[] } | { error: string; code: string };
type ReaderThread = Thread<[string, unknown[]], ReadReply>;
type WriterThread = Thread<WriterRequest, Transacted>;

export interface SqliteOptions {
  readonly path: string;
  readonly readThreads: number;
  /** Milliseconds to wait for another program's lock. */
  readonly lockTimeout: number;
  /** Reads that may wait for a thread. */
  readonly maxReads: number;
  /** Bytes of write-ahead log beyond which readers are waited for. */
  readonly walMax?: number;
  /** Of extensions. */
  readonly areas?: readonly SqlArea[];
}

const WAL_MAX = 64 * 1024 * 1024;

function readError({ message, code }: { message: string; code: string }): Error {
  return /^SQLITE_(BUSY|IOERR|CANTOPEN|NOMEM|LOCKED)/.test(code)
    ? new StorageUnavailableError(message)
    : new Error(message);
}

/** Reads on the calling thread. */
export function openSqliteReader(
  options: Pick<SqliteOptions, 'path' | 'lockTimeout'>,
  compiler = new QueryCompiler(sqliteDialect),
): { reader: Reader; close: () => void } {
  const db = openForReading(options.path, options.lockTimeout);
  const statements = new Map<CompiledQuery, Statement>();
  const prepare = (compiled: CompiledQuery): Statement => {
    let statement = statements.get(compiled);
    if (!statement) {
      statement = db.prepare(compiled.text);
      statements.set(compiled, statement);
    }
    return statement;
  };
  const run = <P extends Params, T>(query: Query<P, unknown>, params: P, how: 'all' | 'get'): T => {
    const compiled = compiler.get(query);
    try {
      return prepare(compiled)[how](...bind(compiled, params, sqliteDialect)) as T;
    } catch (error) {
      const { code } = error as { code?: string };
      throw typeof code === 'string' ? readError({ message: (error as Error).message, code }) : error;
    }
  };
  const reader: Reader = {
    all: async (query, params) => run(query, params, 'all'),
    one: async (query, params) => run(query, params, 'get'),
  };
  return { reader, close: () => db.close() };
}

function writtenMutations({ mutations }: SqlArea): WrittenMutation[] {
  return Object.entries(mutations).map(([name, { columns, expectOne, sql }]) => {
    return { name, columns, expectOne, sql: sql(sqliteDialect) };
  });
}

/** Long reads, in threads that are started when they are needed and replaced when they break. */
function openHeavyReader(options: SqliteOptions, compiler: QueryCompiler): { reader: Reader; close: () => unknown } {
  let threads: ReaderThread[] = [];
  const data: ReaderData = { path: options.path, lockTimeout: options.lockTimeout };
  const leastLoaded = (): ReaderThread => {
    threads = threads.filter((thread) => !thread.isBroken);
    const free = threads.find((thread) => thread.load === 0);
    if (free) return free;
    if (threads.length < options.readThreads) {
      const started: ReaderThread = new Thread(workerUrl(import.meta.url, 'sqlite-reader'), data);
      threads.push(started);
      return started;
    }
    return threads.reduce((a, b) => (b.load < a.load ? b : a));
  };
  const all = async <P extends Params, R>(query: Query<P, R>, params: P): Promise<R[]> => {
    const compiled = compiler.get(query);
    const thread = leastLoaded();
    if (thread.load * threads.length >= options.maxReads) {
      throw new StorageUnavailableError('too many reads are waiting for the database');
    }
    const reply = await thread.ask([compiled.text, bind(compiled, params, sqliteDialect)]);
    if ('error' in reply) throw readError({ message: reply.error, code: reply.code });
    return reply.rows as R[];
  };
  return {
    reader: { all, one: async (query, params) => (await all(query, params))[0] },
    close: () => Promise.all(threads.map((thread) => thread.terminate())),
  };
}

/** Mutations that a thread is given in one go: to copy them takes a few milliseconds. */
const AT_ONCE = 1_000;

/** Gives the thread what is much beforehand, bit by bit; answers what is left to be given with the request to commit. */
async function stage(
  writer: WriterThread,
  batch: readonly EncodedSet[],
  { id }: Ticket,
): Promise<readonly EncodedSet[]> {
  const all = batch.reduce((sum, { mutations }) => sum + mutations.length, 0);
  if (all <= AT_ONCE) return batch;
  for (const [set, { mutations }] of batch.entries()) {
    for (let from = 0; from < mutations.length; from += AT_ONCE) {
      const part: StagedPart = { ticket: id, set, mutations: mutations.slice(from, from + AT_ONCE) };
      await writer.ask(part);
    }
  }
  return batch.map((set) => ({ ...set, mutations: [] }));
}

/**
 * SQLite: short reads on the main thread, long ones in `readThreads` threads, writes in a thread of their own.
 * The file has its schema already.
 *
 * @param startWriter starts the thread that writes, again when it has broken
 */
export function openSqliteBackend(
  options: SqliteOptions,
  startWriter = (data: WriterData): WriterThread => new Thread(workerUrl(import.meta.url, 'sqlite-writer'), data),
): Backend {
  const compiler = new QueryCompiler(sqliteDialect);
  const short = openSqliteReader(options, compiler);
  const long = openHeavyReader(options, compiler);
  const { path, lockTimeout, walMax = WAL_MAX, areas = [] } = options;
  const data = { path, lockTimeout, walMax, further: areas.flatMap(writtenMutations) };
  let writer = startWriter(data);
  return {
    reader: short.reader,
    heavy: (fn) => fn(long.reader),
    async transact(batch, ticket) {
      if (writer.isBroken) writer = startWriter(data);
      try {
        return await writer.ask([await stage(writer, batch, ticket), ticket]);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        // Without an answer from the thread nobody knows; what could not be given to it was not done.
        return { error: message, kind: writer.isBroken ? 'lost' : 'bug' };
      }
    },
    async close() {
      await long.close();
      short.close();
      await writer.end('close');
    },
  };
}
