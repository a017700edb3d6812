import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Storage } from '../../src/storage/contract/storage.ts';
import { StorageUnavailableError, WriteSet } from '../../src/storage/contract/write-set.ts';
import { POSITION_LOCK } from '../../src/storage/engine/postgres-commit-function.ts';
import { engine, engineName, migratedEngine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';
import { addPositioned, roomSet } from './write-sets.ts';

/** Another program on the same database. */
async function connect(database: TestEngine): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
}

const roomCount = async (storage: Storage, upTo: number) =>
  (await storage.read((tx) => tx.rooms.byNids(Array.from({ length: upTo }, (_, i) => i + 1)))).length;

describe('Durability', () => {
  let database: TestEngine;

  beforeEach(async () => {
    database = await migratedEngine();
  });

  afterEach(() => database.drop());

  it('has every acknowledged set after the process was killed in the midst of writing', async () => {
    const script = fileURLToPath(new URL('./support/write-until-killed.js', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify(database.config().database)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged >= 300) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    strictEqual(child.signalCode, 'SIGKILL');
    const storage = await openTestStorage(database);
    try {
      ok((await roomCount(storage, acknowledged)) === acknowledged);
      ok(storage.head >= acknowledged);
    } finally {
      await storage.close();
    }
  });
});

const onPostgres = engineName() === 'postgres' ? describe : () => undefined;

onPostgres('A PostgreSQL connection that breaks', () => {
  let database: TestEngine;
  let storage: Storage;
  let other: pg.Client;

  beforeEach(async () => {
    // One of these makes a trigger, which must not be there for others.
    database = await engine();
    storage = await openTestStorage(database);
    other = await connect(database);
  });

  afterEach(async () => {
    await other.end();
    await storage.close();
    await database.drop();
  });

  /** Process ids of the connections of the storage: those that wait for the positions' lock, or all. */
  const backends = async (waiting: boolean): Promise<number[]> => {
    const { rows } = await other.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'igchat'
       and ($1 = false or wait_event = 'advisory')`,
      [waiting],
    );
    return rows.map((row) => row.pid);
  };
  const untilOneWaits = async (): Promise<number> => {
    for (;;) {
      const [pid] = await backends(true);
      if (pid !== undefined) return pid;
    }
  };
  const kill = (pid: number) => other.query('select pg_terminate_backend($1, 5000)', [pid]);

  it('writes with every commit waiting for the disk', async () => {
    const { rows } = await other.query<{ name: string }>(
      `select proname as name from pg_proc where proname like 'igchat_commit_%'`,
    );
    strictEqual(rows.length, 1);
    await storage.commit(roomSet(1));
    // What the writing connection has set for itself can be seen from within it alone.
    await other.query(`create table seen (setting text)`);
    await other.query(
      `create function see() returns trigger language plpgsql as $$ begin
         insert into seen values (current_setting('synchronous_commit')); return new; end $$`,
    );
    await other.query('create trigger see before insert on rooms for each row execute function see()');
    await storage.commit(roomSet(2));
    deepStrictEqual((await other.query('select setting from seen')).rows, [{ setting: 'on' }]);
  });

  it('loses and repeats nothing when it breaks before its transaction has ended', async () => {
    await other.query('select pg_advisory_lock($1)', [POSITION_LOCK]);
    let effects = 0;
    const set = roomSet(1).onCommitted(() => {
      effects += 1;
    });
    const position = addPositioned(set, 'x');
    const committing = storage.commit(set);
    await kill(await untilOneWaits());
    await other.query('select pg_advisory_unlock($1)', [POSITION_LOCK]);
    const committed = await committing;
    strictEqual(effects, 1);
    const rows = await storage.read((tx) => tx.accountData.changedSince('@a:test', 0, Number.MAX_SAFE_INTEGER));
    deepStrictEqual(
      rows.map((row) => row.position),
      [committed.position(position)],
    );
  });

  it('goes on when every connection was ended between two commits', async () => {
    await storage.commit(roomSet(1));
    for (const pid of await backends(false)) await kill(pid);
    await storage.commit(roomSet(2));
    strictEqual(await roomCount(storage, 2), 2);
  });

  it('acknowledges each of many concurrent sets once, whatever breaks in their midst', async () => {
    const done = new Set<number>();
    const effects: number[] = [];
    const failed: unknown[] = [];
    const all: Promise<void>[] = [];
    for (let i = 1; i <= 400; i++) {
      const set = roomSet(i).onCommitted(() => effects.push(i));
      const ended = storage.commit(set).then(
        () => void done.add(i),
        (error: unknown) => void failed.push(error),
      );
      all.push(ended);
      if (i % 100 === 50) for (const pid of await backends(false)) await kill(pid);
    }
    await Promise.all(all);
    deepStrictEqual(failed, []);
    strictEqual(done.size, 400);
    strictEqual(new Set(effects).size, 400);
    strictEqual(effects.length, 400);
    strictEqual(await roomCount(storage, 400), 400);
  });

  it('fails writes as unavailable while another holds the lock for too long, and recovers', async () => {
    await storage.close();
    storage = await openTestStorage(database, { lockTimeout: 100 });
    await storage.commit(roomSet(1));
    await other.query('select pg_advisory_lock($1)', [POSITION_LOCK]);
    await rejects(storage.commit(roomSet(2)), StorageUnavailableError);
    strictEqual(await roomCount(storage, 2), 1);
    await other.query('select pg_advisory_unlock($1)', [POSITION_LOCK]);
    await storage.commit(roomSet(2));
  });

  it('fails writes as unavailable while the database is read-only, and recovers', async () => {
    const name = (await other.query<{ name: string }>('select current_database() as name')).rows[0]!.name;
    await other.query(`alter database ${name} set default_transaction_read_only = on`);
    for (const pid of await backends(false)) await kill(pid);
    await rejects(storage.commit(roomSet(1)), StorageUnavailableError);
    strictEqual(await roomCount(storage, 1), 0);
    const writable = await connect(database);
    await writable.query('set default_transaction_read_only = off');
    await writable.query(`alter database ${name} reset default_transaction_read_only`);
    await writable.end();
    for (const pid of await backends(false)) await kill(pid);
    await storage.commit(roomSet(1));
  });

  it('writes nothing after another server has taken over the database', async () => {
    await storage.commit(roomSet(1));
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    // The lock is taken the moment the connection that held it has gone.
    const taken = holder.query('select pg_advisory_lock(4917002)');
    for (const pid of await backends(false)) await kill(pid);
    await taken;
    await rejects(storage.commit(roomSet(2)), StorageUnavailableError);
    await holder.end();
    await storage.commit(new WriteSet().add('rooms.setPublic', { room_nid: 1, is_public: 1 }));
  });
});
