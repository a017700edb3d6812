/** The thread that writes: one transaction per batch, `synchronous=FULL`. Started by `sqlite-backend.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { sqliteDialect } from '../dialects/sqlite.ts';
import { definitionList } from '../sql/definitions.ts';
import { compile } from '../sql/query.ts';
import { type EncodedSet, type SetOutcome, writeOneByOne } from './backend.ts';
import { openForWriting } from './sqlite-open.ts';

const { path } = workerData as { path: string };
const db = openForWriting(path);

interface Prepared {
  readonly run: (values: readonly unknown[]) => number;
  readonly positionColumns: readonly number[];
  /** Which of the row's values fills the i-th placeholder. */
  readonly order: readonly number[];
  readonly expectOne: boolean;
}

class RefusedError extends Error {}

const prepared: Prepared[] = definitionList.map(([, definition]) => {
  const columns = Object.keys(definition.columns);
  const compiled = compile(definition.sql(sqliteDialect), sqliteDialect);
  const statement = db.prepare(compiled.text);
  return {
    run: (values) => statement.run(...values).changes,
    positionColumns: columns.flatMap((c, i) => (definition.columns[c] === 'position' ? [i] : [])),
    order: compiled.names.map((name) => columns.indexOf(name)),
    expectOne: definition.expectOne,
  };
});

const readHead = db.prepare('select coalesce(max(last_position), 0) as head from commit_log').pluck();
const appendLog = db.prepare('insert into commit_log (last_position) values (?)');
let head = readHead.get() as number;

/** Applies one set; answers the positions before it. */
function apply(set: EncodedSet): number {
  const base = head;
  for (const [index, values] of set.mutations) {
    const p = prepared[index]!;
    let row = values;
    if (p.positionColumns.length > 0) {
      const moved = values.slice();
      for (const i of p.positionColumns) {
        if (typeof moved[i] === 'number') moved[i] = (moved[i] as number) + base;
      }
      row = moved;
    }
    const changes = p.run(p.order.map((i) => row[i] ?? null));
    if (p.expectOne && changes !== 1) throw new RefusedError(`${definitionList[index]![0]} changed ${changes} rows`);
  }
  head = base + set.positions;
  return base;
}

const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');
const rollback = db.prepare('rollback');

function transact(batch: readonly EncodedSet[]): SetOutcome[] {
  const before = head;
  try {
    begin.run();
    const out = batch.map((set) => ({ base: apply(set) }));
    if (head > before) appendLog.run(head);
    commit.run();
    return out;
  } catch (error) {
    if (db.inTransaction) rollback.run();
    head = before;
    throw error;
  }
}

function outcomeOf(error: unknown): SetOutcome {
  const code = (error as { code?: string }).code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RefusedError || code.startsWith('SQLITE_CONSTRAINT'))
    return { error: message, kind: 'conflict' };
  if (/^SQLITE_(FULL|READONLY|IOERR|BUSY|CANTOPEN|LOCKED)/.test(code)) return { error: message, kind: 'unavailable' };
  return { error: message, kind: 'bug' };
}

function transactAlone(set: EncodedSet): SetOutcome {
  try {
    return transact([set])[0]!;
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Commits the batch whole; if that is refused, set by set, so that one bad set costs nobody else. */
async function write(batch: readonly EncodedSet[]): Promise<SetOutcome[]> {
  try {
    return transact(batch);
  } catch (error) {
    return batch.length === 1 ? [outcomeOf(error)] : writeOneByOne(batch, transactAlone);
  }
}

parentPort!.on('message', async (batch: EncodedSet[] | 'close') => {
  if (batch === 'close') {
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    parentPort!.close();
    return;
  }
  parentPort!.postMessage(await write(batch));
});
