import pg from 'pg';
import { postgresDialect } from '../dialects/postgres.ts';
import { bind, type Params, type Query, QueryCompiler, type Reader } from '../sql/query.ts';
import { type Backend, type EncodedSet, type SetOutcome, writeOneByOne } from './backend.ts';
import { commitFunction } from './postgres-commit-function.ts';

const INT8 = 20;
/** Integers come as numbers: everything here is below 2^53. */
export const postgresTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : (pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown),
};

/** Connection settings that keep a stuck peer or a forgotten transaction from holding the server for long. */
export function postgresOptions(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'igchat',
    keepAlive: true,
    lock_timeout: 20_000,
    idle_in_transaction_session_timeout: 20_000,
    types: postgresTypes as never,
  };
}

const REFUSED = 'IG001';

function outcomeOf(error: unknown): SetOutcome {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  if (code === REFUSED || code.startsWith('23')) return { error: message, kind: 'conflict' };
  // Connection trouble has no SQLSTATE; 25006 read-only, 53 out of resources, 57 shutting down, 55 and 40 locks.
  if (!/^[0-9A-Z]{5}$/.test(code) || /^(08|25|40|53|55|57|58)/.test(code))
    return { error: message, kind: 'unavailable' };
  return { error: message, kind: 'bug' };
}

/** PostgreSQL: a pool for reads, one connection for the commits. The database has its schema already. */
export async function openPostgresBackend(options: { url: string; poolSize: number }): Promise<Backend> {
  const pool = new pg.Pool({ ...postgresOptions(options.url), max: options.poolSize, idleTimeoutMillis: 0 });
  pool.on('error', () => undefined); // an idle connection that broke is replaced at its next use
  const compiler = new QueryCompiler(postgresDialect);
  const reader: Reader = {
    async all<P extends Params, R>(query: Query<P, R>, params: P) {
      const compiled = compiler.get(query);
      const values = bind(compiled, params, postgresDialect);
      const result = await pool.query({ name: `q${compiled.id}`, text: compiled.text, values });
      return result.rows as R[];
    },
    async one<P extends Params, R>(query: Query<P, R>, params: P) {
      return (await reader.all(query, params))[0];
    },
  };

  const fn = commitFunction();
  await pool.query(fn.create);
  let connection: pg.Client | undefined;
  const writer = async (): Promise<pg.Client> => {
    if (connection) return connection;
    const fresh = new pg.Client(postgresOptions(options.url));
    fresh.on('error', () => {
      if (connection === fresh) connection = undefined;
    });
    await fresh.connect();
    await fresh.query('set synchronous_commit = on');
    connection = fresh;
    return fresh;
  };
  const transact = async (batch: readonly EncodedSet[]): Promise<SetOutcome[]> => {
    const client = await writer();
    const values = [fn.encode(batch)];
    const result = await client.query<{ base: number }>({
      name: fn.name,
      text: `select ${fn.name}($1) as base`,
      values,
    });
    let base = result.rows[0]!.base;
    return batch.map((set) => {
      const outcome = { base };
      base += set.positions;
      return outcome;
    });
  };
  return {
    reader,
    heavy: (run) => run(reader),
    async write(batch) {
      try {
        return await transact(batch);
      } catch (error) {
        const outcome = outcomeOf(error);
        if (batch.length === 1 || ('kind' in outcome && outcome.kind === 'unavailable'))
          return batch.map(() => outcome);
      }
      return writeOneByOne(batch, (set) => transact([set]).then((done) => done[0]!, outcomeOf));
    },
    async close() {
      await connection?.end();
      await pool.end();
    },
  };
}
