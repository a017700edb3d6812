import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StorageUnavailableError } from '../../src/storage/contract/write-set.ts';
import type { Backend, Ticket } from '../../src/storage/engine/backend.ts';
import { openSqliteBackend, type SqliteOptions } from '../../src/storage/engine/sqlite-backend.ts';
import { openForReading, openForWriting } from '../../src/storage/engine/sqlite-open.ts';
import { Thread } from '../../src/storage/engine/thread.ts';
import { definitionList } from '../../src/storage/sql/definitions.ts';
import { query } from '../../src/storage/sql/query.ts';
import { engine, engineName, migratedEngine, type TestEngine } from '../support/engines.ts';
import { openTestStorage } from '../support/test-storage.ts';
import { roomSet } from './write-sets.ts';

const MiB = 1024 * 1024;
const INSERT_ROOM = definitionList.findIndex(([name]) => name === 'rooms.insert');
/** Counts to `n`, which takes a while. */
const slowly = query<{ n: number }, { n: number; head: number }>(
  `with recursive up (n) as (select 1 union all select n + 1 from up where n < :n)
   select max(n) as n, (select max(last_position) from commit_log) as head from up`,
);
const rooms = query<Record<never, never>, { n: number }>('select count(*) as n from rooms');

let ticket = 0;
const nextTicket = (): Ticket => {
  ticket += 1;
  return { id: ticket, after: 0 };
};

function insertRoom(nid: number, bytes = 0): Parameters<Backend['transact']>[0] {
  const id = `!${nid}${'x'.repeat(bytes)}`;
  return [{ positions: 0, after: -1, mutations: [[INSERT_ROOM, [nid, id, '12', 0, 0]]] }];
}

const onSqlite = engineName() === 'sqlite' ? describe : () => undefined;

onSqlite('SQLite', () => {
  let database: TestEngine;
  let options: SqliteOptions;

  beforeEach(async () => {
    database = await migratedEngine();
    options = { path: join(database.folder, 'homeserver.db'), readThreads: 2, lockTimeout: 5_000, maxReads: 1_000 };
  });

  afterEach(() => database.drop());

  it('writes with every commit waiting for the disk, to a write-ahead log', () => {
    const db = openForWriting(options.path, 1_000);
    try {
      strictEqual(db.pragma('synchronous', { simple: true }), 2);
      strictEqual(db.pragma('journal_mode', { simple: true }), 'wal');
    } finally {
      db.close();
    }
  });

  it('cannot write over the connections that read', () => {
    const db = openForReading(options.path, 1_000);
    try {
      let code = '';
      try {
        db.exec('delete from rooms');
      } catch (error) {
        code = (error as { code: string }).code;
      }
      strictEqual(code, 'SQLITE_READONLY');
    } finally {
      db.close();
    }
  });

  it('keeps no snapshot beyond a query: what is read next is what was committed last', async () => {
    const backend = openSqliteBackend(options);
    try {
      for (let i = 1; i <= 5; i++) {
        await backend.transact(insertRoom(i), nextTicket());
        strictEqual((await backend.reader.one(rooms, {}))!.n, i);
        strictEqual((await backend.heavy((reader) => reader.one(rooms, {})))!.n, i);
      }
    } finally {
      await backend.close();
    }
  });

  it('keeps the write-ahead log bounded while long reads follow each other without a pause', async () => {
    const walMax = 2 * MiB;
    const backend = openSqliteBackend({ ...options, walMax });
    let stopped = false;
    let reads = 0;
    const readOn = async (n: number) => {
      while (!stopped) {
        await backend.heavy((reader) => reader.one(slowly, { n }));
        reads += 1;
      }
    };
    const readers = [readOn(40_000), readOn(55_000)];
    let largest = 0;
    // 24 MB in 400 commits.
    for (let i = 1; i <= 400; i++) {
      const done = await backend.transact(insertRoom(i, 30_000), nextTicket());
      ok('last' in done);
      largest = Math.max(largest, statSync(`${options.path}-wal`).size);
    }
    stopped = true;
    await Promise.all(readers);
    await backend.close();
    ok(reads > 5, `only ${reads} reads`);
    ok(largest < 12 * MiB, `the log grew to ${largest} bytes`);
  });

  it('starts the thread that writes again when it has ended, and loses and repeats nothing', async () => {
    const threads: Thread<never, never>[] = [];
    const url = new URL('../../src/storage/engine/sqlite-writer.js', import.meta.url);
    const backend = openSqliteBackend(options, (data) => {
      const thread = new Thread<never, never>(url, data);
      threads.push(thread);
      return thread as never;
    });
    try {
      ok('last' in (await backend.transact(insertRoom(1), nextTicket())));
      const lost = nextTicket();
      const asked = backend.transact(insertRoom(2), lost);
      await threads[0]!.terminate();
      const answer = await asked;
      ok('kind' in answer ? answer.kind === 'lost' : answer.last > 0);
      const again = await backend.transact(insertRoom(2), lost);
      ok('last' in again, JSON.stringify(again));
      const known = await backend.transact(insertRoom(2), lost);
      deepStrictEqual(known, { last: again.last, wasThere: true });
      strictEqual((await backend.reader.one(rooms, {}))!.n, 2);
    } finally {
      await backend.close();
    }
  });

  it('commits nothing any more under a ticket that was declared void', async () => {
    const backend = openSqliteBackend(options);
    try {
      const late = nextTicket();
      const declared = await backend.transact([], late);
      ok('last' in declared && !declared.wasThere);
      const answer = await backend.transact(insertRoom(1), late);
      ok('last' in answer && answer.wasThere);
      strictEqual((await backend.reader.one(rooms, {}))!.n, 0);
    } finally {
      await backend.close();
    }
  });

  it('refuses long reads when too many wait', async () => {
    const backend = openSqliteBackend({ ...options, readThreads: 1, maxReads: 3 });
    try {
      const reads = Array.from({ length: 3 }, () => backend.heavy((reader) => reader.one(slowly, { n: 1_000 })));
      await rejects(
        backend.heavy((reader) => reader.one(slowly, { n: 1 })),
        StorageUnavailableError,
      );
      await Promise.all(reads);
      await backend.heavy((reader) => reader.one(slowly, { n: 1 }));
    } finally {
      await backend.close();
    }
  });

  it('fails writes as unavailable while another program has the file locked, and recovers', async () => {
    const storage = await openTestStorage(database, { lockTimeout: 50 });
    const other = new Database(options.path);
    try {
      await storage.commit(roomSet(1));
      other.exec('begin immediate');
      await rejects(storage.commit(roomSet(2)), StorageUnavailableError);
      strictEqual((await storage.read((tx) => tx.rooms.byId('!room1')))?.room_nid, 1);
      other.exec('rollback');
      await storage.commit(roomSet(2));
    } finally {
      other.close();
      await storage.close();
    }
  });
});

/** Whether this process may mount a file system of a size of its own. */
const canMount = (): boolean =>
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d && rmdir $d']).status === 0;

onSqlite('SQLite on a full disk', () => {
  let database: TestEngine | undefined;
  let folder: string | undefined;

  beforeEach(async function () {
    if (!canMount()) {
      console.log('  skipped: SQLite on a full disk: file systems cannot be mounted here');
      this.skip();
    }
    database = await engine();
    const place = join(database.folder, 'small');
    mkdirSync(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', place]);
    folder = place;
  });

  afterEach(async () => {
    if (folder !== undefined) execFileSync('umount', [folder]);
    await database?.drop();
  });

  it('fails writes as unavailable, goes on reading, and recovers when there is room', async () => {
    const ballast = join(folder!, 'ballast');
    const path = join(folder!, 'homeserver.db');
    const storage = await openTestStorage(database!, { database: { engine: 'sqlite', path, readThreads: 1 } });
    try {
      await storage.commit(roomSet(1));
      execFileSync('sh', ['-c', `dd if=/dev/zero of=${ballast} bs=4096 2>/dev/null; true`]);
      const big = roomSet(2).add('rooms.insert', {
        room_nid: 3,
        room_id: 'x'.repeat(200_000),
        version: '',
        is_public: 0,
        created_at: 0,
      });
      await rejects(storage.commit(big), StorageUnavailableError);
      strictEqual((await storage.read((tx) => tx.rooms.byId('!room1')))?.room_nid, 1);
      strictEqual(await storage.readHeavy((tx) => tx.rooms.byId('!room2')), undefined);
      writeFileSync(ballast, '');
      rmSync(ballast);
      await storage.commit(roomSet(2));
      strictEqual((await storage.read((tx) => tx.rooms.byId('!room2')))?.room_nid, 2);
    } finally {
      await storage.close();
    }
  });
});
