import type pg from 'pg';
import { StorageUnavailableError } from '../contract/write-set.ts';
import { postgresDialect } from '../dialects/postgres.ts';
import { mutationsWith, type SqlArea } from '../sql/area.ts';
import { bind, type Params, type Query, QueryCompiler, type Reader } from '../sql/query.ts';
import type { Backend } from './backend.ts';
import { postgresDriver } from './drivers.ts';
import { migratePostgres } from './migrate.ts';
import { commitFunction } from './postgres-commit-function.ts';
import { isConnectionTrouble, postgresOptions } from './postgres-options.ts';
import { PostgresWriter } from './postgres-writer.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Milliseconds to wait for another transaction's lock. */
  readonly lockTimeout: number;
  /** Reads that may wait for a connection. */
  readonly maxReads: number;
  /** Whether this is the one server of the database. */
  readonly isServer: boolean;
  /** Of extensions. */
  readonly areas?: readonly SqlArea[];
}

function poolReader(pool: pg.Pool, maxReads: number): Reader {
  const compiler = new QueryCompiler(postgresDialect);
  const all = async <P extends Params, R>(query: Query<P, R>, params: P): Promise<R[]> => {
    if (pool.waitingCount >= maxReads) {
      throw new StorageUnavailableError('too many reads are waiting for the database');
    }
    const compiled = compiler.get(query);
    const values = bind(compiled, params, postgresDialect);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await pool.query({ name: `q${compiled.id}`, text: compiled.text, values })).rows as R[];
      } catch (error) {
        if (!isConnectionTrouble(error)) throw error;
        // The connection may have broken while nobody used it: another one is tried.
        if (attempt === 2) throw new StorageUnavailableError(error instanceof Error ? error.message : String(error));
      }
    }
  };
  return { all, one: async (query, params) => (await all(query, params))[0] };
}

function openPool(options: Pick<PostgresOptions, 'url' | 'lockTimeout' | 'poolSize' | 'maxReads'>) {
  const pool = new (postgresDriver().Pool)({
    ...postgresOptions(options.url, options.lockTimeout),
    max: options.poolSize,
    idleTimeoutMillis: 0,
  });
  pool.on('error', () => undefined); // an idle connection that broke is replaced at its next use
  return { pool, reader: poolReader(pool, options.maxReads) };
}

/** Reads by one connection, of a database that has its schema. */
export function openPostgresReader({ url, lockTimeout }: Pick<PostgresOptions, 'url' | 'lockTimeout'>): {
  reader: Reader;
  close: () => Promise<void>;
} {
  const { pool, reader } = openPool({ url, lockTimeout, poolSize: 1, maxReads: 1_000 });
  return { reader, close: () => pool.end() };
}

/**
 * PostgreSQL: a pool for reads, one connection for the commits. Migrates the schema.
 * @throws DatabaseInUseError, SchemaTooNewError
 */
export async function openPostgresBackend(options: PostgresOptions): Promise<Backend> {
  const fn = commitFunction(mutationsWith(options.areas ?? []));
  const writer = new PostgresWriter(options, fn);
  try {
    if (options.isServer) await writer.connect();
    await migratePostgres(options.url, [fn.create]);
  } catch (error) {
    await writer.close();
    throw error;
  }
  const { pool, reader } = openPool(options);
  return {
    reader,
    heavy: (run) => run(reader),
    transact: (batch, ticket) => writer.transact(batch, ticket),
    async close() {
      await writer.close();
      await pool.end();
    },
  };
}
