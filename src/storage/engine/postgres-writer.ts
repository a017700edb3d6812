import type pg from 'pg';
import type { EncodedSet, Refusal, Ticket, Transacted } from './backend.ts';
import { DatabaseInUseError } from './database-in-use.ts';
import { postgresDriver } from './drivers.ts';
import type { commitFunction } from './postgres-commit-function.ts';
import { isConnectionTrouble, postgresOptions } from './postgres-options.ts';

/** Held, on the connection that writes, by the one server of the database. */
export const SERVER_LOCK = 4_917_002;
/** Milliseconds for a broken connection's backend to end. */
const END_TIMEOUT = 2_000;

/** The backend process that holds the server's lock of this database. */
const HOLDER = `select pid from pg_locks where locktype = 'advisory' and objid = ${SERVER_LOCK} and granted
  and database = (select oid from pg_database where datname = current_database())`;

const REFUSED = 'IG001';

function kindOf(error: unknown): Refusal['kind'] {
  const { code = '' } = error as { code?: string };
  if (isConnectionTrouble(error)) return 'lost';
  if (code === REFUSED || code.startsWith('23')) return 'conflict';
  // 25 read-only, 40 and 55 locks, 53 out of disk or memory, 57 cancelled, 58 trouble of the system.
  return /^(25|40|53|55|57|58)/.test(code) ? 'unavailable' : 'bug';
}

function refusalOf(error: unknown): Refusal {
  const { message = String(error), detail = '' } = error as { message?: string; detail?: string };
  const set = /^set (\d+)$/.exec(detail)?.[1];
  return { error: message, kind: kindOf(error), ...(set === undefined ? {} : { set: Number(set) }) };
}

export interface PostgresWriterOptions {
  readonly url: string;
  readonly lockTimeout: number;
  /** Whether this is the one server of the database: no other can be while it is connected. */
  readonly isServer: boolean;
}

/**
 * The one connection that writes. It is opened anew when it breaks; a server's holds the lock that says so, so that no
 * connection writes without it.
 */
export class PostgresWriter {
  private readonly options: PostgresWriterOptions;
  private readonly fn: ReturnType<typeof commitFunction>;
  private connection: pg.Client | undefined;
  /** Process id of the last connection's backend, which may still hold the lock. */
  private lastBackend: number | undefined;
  private isClosed = false;

  constructor(options: PostgresWriterOptions, fn: ReturnType<typeof commitFunction>) {
    this.options = options;
    this.fn = fn;
  }

  /** @throws DatabaseInUseError if another server holds the database */
  async connect(): Promise<pg.Client> {
    if (this.connection) return this.connection;
    if (this.isClosed) throw new Error('the database is closed');
    const client = new (postgresDriver().Client)(postgresOptions(this.options.url, this.options.lockTimeout));
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    await client.connect();
    try {
      await client.query('set synchronous_commit = on');
      if (this.options.isServer) await this.lock(client);
      if (this.isClosed) throw new Error('the database is closed');
    } catch (error) {
      await client.end();
      throw error;
    }
    this.lastBackend = (client as unknown as { processID: number }).processID;
    this.connection = client;
    return client;
  }

  async transact(batch: readonly EncodedSet[], { id, after }: Ticket): Promise<Transacted> {
    let client: pg.Client;
    try {
      client = await this.connect();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { error: message, kind: error instanceof DatabaseInUseError ? 'unavailable' : 'away' };
    }
    try {
      const text = await this.fn.encode(batch);
      const result = await client.query<{ p_last: number; p_was_there: boolean }>({
        name: this.fn.name,
        text: `select * from ${this.fn.name}($1, $2, $3)`,
        values: [text, id, after],
      });
      const { p_last: last, p_was_there: wasThere } = result.rows[0]!;
      return { last, wasThere };
    } catch (error) {
      if (isConnectionTrouble(error)) this.forget(client);
      return refusalOf(error);
    }
  }

  /** No connection is opened after that, which would keep the lock: whoever asks late is told so. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { connection } = this;
    this.connection = undefined;
    await connection?.end();
  }

  private forget(client: pg.Client): void {
    if (this.connection === client) this.connection = undefined;
  }

  private async lock(client: pg.Client): Promise<void> {
    const take = async () =>
      (await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${SERVER_LOCK}) as held`)).rows[0]!.held;
    if (await take()) return;
    if (this.lastBackend !== undefined) {
      // It may be our own broken connection that holds it, of which the database has not noticed anything yet.
      await client.query(`select pg_terminate_backend(pid, ${END_TIMEOUT}) from (${HOLDER}) holder where pid = $1`, [
        this.lastBackend,
      ]);
      if (await take()) return;
    }
    const { rows } = await client.query<{ name: string; pid: number | null }>(
      `select current_database() as name, (${HOLDER}) as pid`,
    );
    throw new DatabaseInUseError(`the PostgreSQL database ${rows[0]!.name}`, ` (backend process ${rows[0]!.pid})`);
  }
}
