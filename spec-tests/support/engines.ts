import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { migratePostgres, migrateSqlite } from '../../src/storage/engine/migrate.ts';
import { SERVER_LOCK } from '../../src/storage/engine/postgres-writer.ts';
import { databaseUrl, freshDatabaseName, type PostgresCluster, startPostgres } from './postgres-cluster.ts';

export type EngineName = 'sqlite' | 'postgres';

/** Options as they are written in `homeserver.yaml`; sections are merged one level deep. */
export type Options = Readonly<Record<string, unknown>>;

/** An empty database of the engine under test, and a folder beside it. */
export interface TestEngine {
  readonly name: EngineName;
  /** A temporary folder: `data_dir` of the configuration. */
  readonly folder: string;
  /** Of the server of {@link config}. */
  readonly url: string | undefined;
  /** A configuration on this database: cheap passwords, no rate limits, open registration, `options` over that. */
  config(options?: Options): Config;
  /** Removes database and folder; whoever uses them has ended. */
  drop(): Promise<void>;
}

/** The engine that the environment variable `DATABASE` names. */
export function engineName(): EngineName {
  const name = process.env['DATABASE'] ?? 'sqlite';
  if (name !== 'sqlite' && name !== 'postgres') throw new Error(`DATABASE must be sqlite or postgres, not ${name}`);
  return name;
}

const STANDARD: Options = {
  server_name: 'test.example',
  public_base_url: 'http://test.example',
  listeners: [{ bind: '127.0.0.1', port: 0 }],
  registration: { mode: 'open', shared_secret: 'shared secret of the tests' },
  password: { memory: '8KB', passes: 1, min_length: 1 },
  rate_limits: { enabled: false },
  logging: { level: 'error' },
};

function isSection(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merged(...layers: readonly Options[]): Options {
  const result = new Map<string, unknown>();
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const before = result.get(name);
    result.set(name, isSection(before) && isSection(value) ? { ...before, ...value } : value);
  }
  return Object.fromEntries(result);
}

let ownCluster: Promise<PostgresCluster> | undefined;

/** The PostgreSQL server of the run (`POSTGRES_URL`), or one that this process starts and ends. */
export async function serverUrl(): Promise<string> {
  const given = process.env['POSTGRES_URL'];
  if (given !== undefined) return given;
  ownCluster ??= startPostgres();
  return (await ownCluster).url;
}

/** @returns the rows of the first statement; the others follow if there are none */
async function onServer(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const sql of statements) {
      if (rows.length === 0) rows = (await client.query(sql)).rows;
    }
    return rows;
  } finally {
    await client.end();
  }
}

/** An empty database of the engine under test (`DATABASE`). Call {@link TestEngine.drop} afterwards. */
export async function engine(name: EngineName = engineName()): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'igchat-test-'));
  const server = name === 'postgres' ? await serverUrl() : undefined;
  return testEngine(folder, server, server && (await makeDatabase(server)));
}

/** The same with the schema in it, for migrating takes many times as long as what most tests do. */
export async function migratedEngine(): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'igchat-test-'));
  if (engineName() === 'sqlite') {
    const made = testEngine(folder, undefined, undefined);
    schemaFile ??= makeSchemaFile();
    writeFileSync(made.config().database.path, await schemaFile);
    return made;
  }
  const server = await serverUrl();
  const database = unused.pop() ?? (await makeMigratedDatabase(server));
  let isDropped = false;
  return {
    ...testEngine(folder, server, database),
    async drop() {
      if (isDropped) return;
      isDropped = true;
      if (await emptyDatabase(server, database)) unused.push(database);
      else await onServer(server, `DROP DATABASE ${database} WITH (FORCE)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let schemaFile: Promise<Buffer> | undefined;

async function makeSchemaFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'igchat-test-'));
  const path = join(folder, 'schema.db');
  await migrateSqlite(path);
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Databases of PostgreSQL with the schema and nothing else. They stay as long as the server of the run does. */
const unused: string[] = [];

async function makeMigratedDatabase(server: string): Promise<string> {
  const database = await makeDatabase(server);
  await migratePostgres(databaseUrl(server, database), []);
  return database;
}

/**
 * Ends whoever is connected, and deletes all rows but those that tell of the schema. (`pg_terminate_backend` can wait by
 * itself, but looks every 100 ms only.)
 *
 * @returns false where a server is running: one that was not stopped would go on writing into what the next test gets
 */
async function emptyDatabase(server: string, database: string): Promise<boolean> {
  const ofDatabase = `(SELECT oid FROM pg_database WHERE datname = '${database}')`;
  const others = `pg_stat_activity WHERE datname = '${database}' AND pid <> pg_backend_pid()`;
  const held = await onServer(
    databaseUrl(server, database),
    `SELECT FROM pg_locks WHERE objid = ${SERVER_LOCK} AND database = ${ofDatabase}`,
    `DO $$ DECLARE name text; BEGIN
      FOR tries IN 1..5000 LOOP
        PERFORM pg_terminate_backend(pid) FROM ${others};
        EXIT WHEN NOT FOUND;
        PERFORM pg_sleep(0.001);
        PERFORM pg_stat_clear_snapshot();
      END LOOP;
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations' LOOP
        EXECUTE format('DELETE FROM %I', name);
      END LOOP;
    END $$`,
  );
  return held.length === 0;
}

async function makeDatabase(server: string): Promise<string> {
  const database = freshDatabaseName();
  await onServer(server, `CREATE DATABASE ${database}`);
  return database;
}

function testEngine(folder: string, server: string | undefined, database: string | undefined): TestEngine {
  const url = server === undefined || database === undefined ? undefined : databaseUrl(server, database);
  const where = url === undefined ? { engine: 'sqlite' } : { engine: 'postgres', url, pool_size: 5 };
  return {
    name: url === undefined ? 'sqlite' : 'postgres',
    folder,
    url,
    config: (options = {}) =>
      parseConfig(stringify(merged(STANDARD, { data_dir: folder, database: where }, options)), {
        name: 'homeserver.yaml of a test',
        configDir: folder,
      }),
    async drop() {
      if (server !== undefined) await onServer(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
