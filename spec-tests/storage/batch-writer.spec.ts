import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { WriteSet } from '../../src/storage/contract/write-set.ts';
import type { Backend, Transacted } from '../../src/storage/engine/backend.ts';
import { Committer } from '../../src/storage/engine/committer.ts';
import { openPostgresBackend } from '../../src/storage/engine/postgres-backend.ts';
import { openSqliteBackend } from '../../src/storage/engine/sqlite-backend.ts';
import { query } from '../../src/storage/sql/query.ts';
import { migratedEngine, type TestEngine } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';
import { storageOptions } from '../support/test-storage.ts';
import { addPositioned, roomSet } from './write-sets.ts';

const rooms = query<Record<never, never>, { n: number }>('select count(*) as n from rooms');

async function openBackend(database: TestEngine): Promise<Backend> {
  const options = storageOptions(database);
  if (options.database.engine === 'postgres') {
    return openPostgresBackend({ ...options, ...options.database, isServer: true });
  }
  return openSqliteBackend({ ...options, ...options.database });
}

/** What happens to one request on its way: `'before'` it never arrives, `'after'` its answer gets lost. */
type Trouble = 'fine' | 'lost before' | 'lost after' | 'away';

/** A real engine at the end of a line that breaks as told. */
function behindBadLine(backend: Backend, troubles: Trouble[]): Backend {
  return {
    ...backend,
    async transact(batch, ticket): Promise<Transacted> {
      const trouble = troubles.shift() ?? 'fine';
      if (trouble === 'away') return { error: 'nobody answers', kind: 'away' };
      const answer = trouble === 'lost before' ? undefined : await backend.transact(batch, ticket);
      return trouble === 'fine' ? answer! : { error: 'the line broke', kind: 'lost' };
    },
  };
}

describe('A commit whose answer gets lost', () => {
  let database: TestEngine;
  let backend: Backend;
  let committer: Committer;
  let clock: TestClock;
  let troubles: Trouble[];

  beforeEach(async () => {
    database = await migratedEngine();
    backend = await openBackend(database);
    clock = new TestClock();
    troubles = [];
    effects.splice(0);
    const onFault = (error: unknown) => {
      throw error;
    };
    committer = new Committer(behindBadLine(backend, troubles), 0, { clock, maxBatch: 500, maxPending: 100, onFault });
  });

  afterEach(async () => {
    await committer.close();
    await backend.close();
    await database.drop();
  });

  const count = async () => (await backend.reader.one(rooms, {}))!.n;
  const effects: string[] = [];
  const numbered = (n: number): WriteSet => {
    const set = roomSet(n);
    addPositioned(set, String(n));
    return set.onCommitted(() => effects.push(`room ${n}`));
  };

  /** Lets the pauses between attempts pass as they come. */
  async function passingTime<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    promise.then(end, end);
    while (!isOver) {
      if (clock.pending > 0) clock.advance(2_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return promise;
  }

  const FAILING: Trouble[] = ['lost after', 'away', 'away', 'away', 'away', 'away'];

  it('is acknowledged once, without being written twice', async () => {
    troubles.push('lost after');
    await committer.commit(numbered(1));
    deepStrictEqual(effects, ['room 1']);
    strictEqual(await count(), 1);
  });

  it('is written again if it had not arrived', async () => {
    troubles.push('lost before');
    await committer.commit(numbered(1));
    deepStrictEqual(effects, ['room 1']);
    strictEqual(await count(), 1);
  });

  it('waits some seconds for a database that is away', async () => {
    troubles.push('away', 'away', 'away');
    await passingTime(committer.commit(numbered(1)));
    strictEqual(await count(), 1);
  });

  it('is reported as failed if nothing is heard for long, and has its effects when it is found to be there', async () => {
    troubles.push(...FAILING);
    await passingTime(committer.commit(numbered(1)).then(fail, unavailable));
    deepStrictEqual(effects, []);
    await committer.commit(numbered(2));
    deepStrictEqual(effects, ['room 1', 'room 2']);
    strictEqual(await count(), 2);
  });

  it('is found by itself', async () => {
    troubles.push(...FAILING);
    await passingTime(committer.commit(numbered(1)).then(fail, unavailable));
    const before = committer.head;
    for (clock.advance(1_000); effects.length === 0; ) await new Promise((resolve) => setImmediate(resolve));
    deepStrictEqual(effects, ['room 1']);
    strictEqual(committer.head > before, true);
  });

  it('is not committed any more after it was reported as failed and not found', async () => {
    troubles.push('lost before', 'away', 'away', 'away', 'away', 'away');
    const set = numbered(1);
    await passingTime(committer.commit(set).then(fail, unavailable));
    await committer.commit(numbered(2));
    deepStrictEqual(effects, ['room 2']);
    strictEqual(await count(), 1);
  });

  it('lets nobody wait while it is known that nothing can be reached', async () => {
    troubles.push(...FAILING, 'away', 'away');
    await passingTime(committer.commit(numbered(1)).then(fail, unavailable));
    await committer.commit(numbered(2)).then(fail, unavailable);
    await committer.commit(numbered(3)).then(fail, unavailable);
    await committer.commit(numbered(4));
    deepStrictEqual(effects, ['room 1', 'room 4']);
  });

  it('does no harm to the others of its batch when one of them conflicts', async () => {
    await committer.commit(numbered(1));
    // The whole batch conflicts; then, without the one, an answer gets lost.
    troubles.push('fine', 'lost after');
    const conflicting = numbered(1);
    const done = await Promise.allSettled([numbered(2), conflicting, numbered(3)].map((set) => committer.commit(set)));
    deepStrictEqual(
      done.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.name)),
      ['done', 'ConflictError', 'done'],
    );
    deepStrictEqual(effects, ['room 1', 'room 2', 'room 3']);
    strictEqual(await count(), 3);
  });
});

function fail(): never {
  throw new Error('it should have failed');
}

function unavailable(error: unknown): void {
  strictEqual((error as Error).name, 'StorageUnavailableError');
}
