import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import pg from 'pg';
import { migrations, SCHEMA_VERSION } from '../../migrations/index.ts';
import { migratePostgres, migrateSqlite, SchemaTooNewError } from '../../src/storage/engine/migrate.ts';
import { engine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';

describe('Migrations', () => {
  let database: TestEngine;

  beforeEach(async () => {
    database = await engine();
  });

  afterEach(() => database.drop());

  const migrate = () => {
    const options = database.config().database;
    return options.engine === 'sqlite' ? migrateSqlite(options.path) : migratePostgres(options.url!, []);
  };

  /** Runs SQL as another program would. */
  async function run<R>(sql: string): Promise<R[]> {
    if (database.name === 'sqlite') {
      const db = new Database(database.config().database.path);
      try {
        const statement = db.prepare(sql);
        if (statement.reader) return statement.all() as R[];
        statement.run();
        return [];
      } finally {
        db.close();
      }
    }
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as R[];
    } finally {
      await client.end();
    }
  }

  const tables = async () =>
    (
      await run<{ name: string }>(
        database.name === 'sqlite'
          ? `select name from sqlite_master where type = 'table' order by name`
          : `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
      )
    ).map((row) => row.name);

  it('bring an empty database up to date, and do nothing to one that is', async () => {
    strictEqual(await migrate(), migrations.length);
    const before = await tables();
    ok(before.includes('events'));
    strictEqual(await migrate(), 0);
    deepStrictEqual(await tables(), before);
  });

  it('are run once when two processes start at the same time', async () => {
    const script = fileURLToPath(new URL('./support/migrate-once.js', import.meta.url));
    const args = [script, JSON.stringify(database.config().database)];
    const runs = await Promise.all([1, 2].map(() => promisify(execFile)(process.execPath, args)));
    deepStrictEqual(
      runs.map(({ stdout }) => Number(stdout)).sort((a, b) => a - b),
      [0, migrations.length],
    );
  });

  it('are numbered and named without a gap', () => {
    deepStrictEqual(
      migrations.map(({ name }) => Number(/^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1])),
      migrations.map((_, i) => i + 1),
    );
  });

  it('refuse a database that a newer iGChat has changed beyond what this one can read', async () => {
    await migrate();
    const version = SCHEMA_VERSION + 1;
    await run(`insert into schema_migrations values (${version}, '${version}-future', ${version})`);
    await rejects(openTestStorage(database), (error) => {
      ok(error instanceof SchemaTooNewError);
      match(error.message, new RegExp(`schema version ${version} .*this iGChat knows ${SCHEMA_VERSION}`));
      return true;
    });
    // The refusal leaves no lock behind.
    await run(`delete from schema_migrations where version = ${version}`);
    await (await openTestStorage(database)).close();
  });

  it('accept a newer schema that says this version can read it', async () => {
    await migrate();
    const version = SCHEMA_VERSION + 1;
    await run(`insert into schema_migrations values (${version}, '${version}-future', ${SCHEMA_VERSION})`);
    strictEqual(await migrate(), 0);
  });

  it('refuse a database whose steps are not those of this iGChat', async () => {
    await migrate();
    await run(`update schema_migrations set name = '0002-other' where version = 2`);
    await rejects(migrate(), /0002-other/);
  });

  it('leave nothing half done when one of them fails', async () => {
    // What is in the way of the second step fails it after the first one's tables are made.
    await run('create table users (what text)');
    await rejects(migrate(), /users/);
    deepStrictEqual(
      (await tables()).filter((name) => !name.startsWith('sqlite_')),
      ['users'],
    );
    await run('drop table users');
    strictEqual(await migrate(), migrations.length);
  });
});
