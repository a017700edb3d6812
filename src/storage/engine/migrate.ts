import Database from 'better-sqlite3';
import type { Knex } from 'knex';
import { migrations, OLDEST_COMPATIBLE_SCHEMA_VERSION, SCHEMA_VERSION, versionOf } from '../../../migrations/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { postgresDialect } from '../dialects/postgres.ts';
import { sqliteDialect } from '../dialects/sqlite.ts';
import { statementsOf } from '../migration.ts';
import { postgresDriver, schemaBuilder } from './drivers.ts';
import { postgresOptions } from './postgres-options.ts';

/** The database was made by a newer iGChat that this one cannot work beside. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Both engines in the few words that migrating needs. */
interface Session {
  exec(sql: string): Promise<void>;
  rows<R>(sql: string): Promise<R[]>;
}

const BOOKKEEPING = `create table if not exists schema_migrations
  (version integer not null primary key, name text not null, compatible_with integer not null)`;

/** Brings the schema up to date inside the transaction that the session is in; answers how many steps it took. */
async function migrateWithin(session: Session, dialect: Dialect, config: Knex.Config): Promise<number> {
  await session.exec(BOOKKEEPING);
  const done = await session.rows<{ version: number; name: string; compatible_with: number }>(
    'select version, name, compatible_with from schema_migrations order by version',
  );
  const newest = done.at(-1);
  if (newest && newest.version > SCHEMA_VERSION && newest.compatible_with > SCHEMA_VERSION) {
    throw new SchemaTooNewError(
      `the database has schema version ${newest.version} (${newest.name}); this iGChat knows ${SCHEMA_VERSION}. ` +
        'Start the newer iGChat again, or restore a backup made before it.',
    );
  }
  const byVersion = new Map(done.map((step) => [step.version, step]));
  // A step of a number that is not known here is that of an extension that has been taken out.
  const foreign = migrations
    .map((migration) => ({ migration, step: byVersion.get(versionOf(migration)) }))
    .find(({ migration, step }) => step !== undefined && step.name !== migration.name)?.step;
  if (foreign) {
    throw new SchemaTooNewError(
      `the database was made by another line of iGChat: its schema has the step ${foreign.name}, which this one lacks.`,
    );
  }
  const missing = migrations.filter((migration) => !byVersion.has(versionOf(migration)));
  if (missing.length === 0) return 0;
  const knex = schemaBuilder()(config);
  for (const migration of missing) {
    for (const statement of statementsOf(migration, dialect, knex)) await session.exec(statement);
    const { name } = migration;
    await session.exec(
      `insert into schema_migrations values (${versionOf(migration)}, '${name}', ${OLDEST_COMPATIBLE_SCHEMA_VERSION})`,
    );
  }
  return missing.length;
}

/** Migrates a SQLite file, making it if it is absent. Two processes at once wait for one another. */
export async function migrateSqlite(path: string): Promise<number> {
  const db = new Database(path, { timeout: 60_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.exec('begin exclusive');
    const session: Session = {
      exec: async (sql) => void db.exec(sql),
      rows: async <R>(sql: string) => db.prepare(sql).all() as R[],
    };
    const steps = await migrateWithin(session, sqliteDialect, { client: 'better-sqlite3', useNullAsDefault: true });
    db.exec('commit');
    return steps;
  } finally {
    if (db.inTransaction) db.exec('rollback');
    db.close();
  }
}

const MIGRATION_LOCK = 4_917_000;

/**
 * Migrates a PostgreSQL database, and runs `also` in the same transaction. Two processes at once wait for one another.
 */
export async function migratePostgres(url: string, also: readonly string[]): Promise<number> {
  // Another process may be migrating: that is waited for, however long it takes.
  const client = new (postgresDriver().Client)(postgresOptions(url, 0));
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    const session: Session = {
      exec: async (sql) => void (await client.query(sql)),
      rows: async <R>(sql: string) => (await client.query(sql)).rows as R[],
    };
    const steps = await migrateWithin(session, postgresDialect, { client: 'pg' });
    for (const sql of also) await client.query(sql);
    await client.query('commit');
    return steps;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    await client.end();
  }
}
