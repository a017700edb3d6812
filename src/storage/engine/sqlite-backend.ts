import type { Statement } from 'better-sqlite3';
import { sqliteDialect } from '../dialects/sqlite.ts';
import { bind, type CompiledQuery, type Params, type Query, QueryCompiler, type Reader } from '../sql/query.ts';
import type { Backend, EncodedSet, SetOutcome } from './backend.ts';
import { openForReading } from './sqlite-open.ts';
import { Thread } from './thread.ts';
import { workerUrl } from './worker-url.ts';

type ReadReply = { rows: unknown[] } | { error: string };

/**
 * SQLite: short reads on the main thread, long ones in `readThreads` threads, writes in a thread of their own.
 * The file has its schema already.
 */
export function openSqliteBackend(options: { path: string; readThreads: number }): Backend {
  const db = openForReading(options.path);
  const compiler = new QueryCompiler(sqliteDialect);
  const statements = new Map<CompiledQuery, Statement>();
  const prepare = (compiled: CompiledQuery): Statement => {
    let statement = statements.get(compiled);
    if (!statement) {
      statement = db.prepare(compiled.text);
      statements.set(compiled, statement);
    }
    return statement;
  };
  const reader: Reader = {
    async all<P extends Params, R>(query: Query<P, R>, params: P) {
      const compiled = compiler.get(query);
      return prepare(compiled).all(...bind(compiled, params, sqliteDialect)) as R[];
    },
    async one<P extends Params, R>(query: Query<P, R>, params: P) {
      const compiled = compiler.get(query);
      return prepare(compiled).get(...bind(compiled, params, sqliteDialect)) as R | undefined;
    },
  };
  const writer = new Thread<readonly EncodedSet[] | 'close', SetOutcome[]>(
    workerUrl(import.meta.url, 'sqlite-writer'),
    { path: options.path },
  );
  const readers: Thread<[string, unknown[]], ReadReply>[] = [];
  const leastLoaded = (): Thread<[string, unknown[]], ReadReply> => {
    const free = readers.find((thread) => thread.load === 0);
    if (free) return free;
    if (readers.length < options.readThreads) {
      const started = new Thread<[string, unknown[]], ReadReply>(workerUrl(import.meta.url, 'sqlite-reader'), {
        path: options.path,
      });
      readers.push(started);
      return started;
    }
    return readers.reduce((a, b) => (b.load < a.load ? b : a));
  };
  const heavyReader: Reader = {
    async all<P extends Params, R>(query: Query<P, R>, params: P) {
      const compiled = compiler.get(query);
      const reply = await leastLoaded().ask([compiled.text, bind(compiled, params, sqliteDialect)]);
      if ('error' in reply) throw new Error(reply.error);
      return reply.rows as R[];
    },
    async one<P extends Params, R>(query: Query<P, R>, params: P) {
      return (await heavyReader.all(query, params))[0];
    },
  };
  return {
    reader,
    heavy: (fn) => fn(heavyReader),
    write: (batch) => writer.ask(batch),
    async close() {
      await Promise.all(readers.map((thread) => thread.terminate()));
      db.close();
      await writer.end('close');
    },
  };
}
