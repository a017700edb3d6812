/** The thread that writes: one transaction per batch, `synchronous=FULL`. Started by `sqlite-backend.ts`. */
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ColumnType } from '../dialects/dialect.ts';
import { sqliteDialect } from '../dialects/sqlite.ts';
import { definitionList } from '../sql/definitions.ts';
import { compile } from '../sql/query.ts';
import { type EncodedSet, positionsOf, type Refusal, type Ticket, type Transacted } from './backend.ts';
import { openForWriting } from './sqlite-open.ts';

/** What the thread is started with. */
export interface WriterData {
  readonly path: string;
  /** Milliseconds to wait for another program's lock. */
  readonly lockTimeout: number;
  /** Bytes of write-ahead log beyond which readers are waited for, so that it starts again. */
  readonly walMax: number;
  /** Mutations of extensions, which come behind the server's own. */
  readonly further: readonly WrittenMutation[];
}

/** A mutation as plain data, which a thread can be given. */
export interface WrittenMutation {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly sql: string;
  readonly expectOne: boolean;
}

/** A part of a large batch, given before it is to be committed under the ticket. */
export interface StagedPart {
  readonly ticket: number;
  /** Place in the batch of the set that these mutations belong to, behind those that were given before. */
  readonly set: number;
  readonly mutations: EncodedSet['mutations'];
}

export type WriterRequest = StagedPart | readonly [readonly EncodedSet[], Ticket] | 'close';

const { path, lockTimeout, walMax, further } = workerData as WriterData;
const db = openForWriting(path, lockTimeout);

interface Prepared {
  readonly name: string;
  readonly run: (values: readonly unknown[]) => number;
  readonly positionColumns: readonly number[];
  /** Which of the row's values fills the i-th placeholder. */
  readonly order: readonly number[];
  readonly expectOne: boolean;
}

class RefusedError extends Error {}

const own = definitionList.map(([name, definition]) => ({ ...definition, name, sql: definition.sql(sqliteDialect) }));
const prepared: Prepared[] = [...own, ...further].map((definition) => {
  const columns = Object.keys(definition.columns);
  const compiled = compile(definition.sql, sqliteDialect);
  const statement = db.prepare(compiled.text);
  return {
    name: definition.name,
    run: (values) => statement.run(...values).changes,
    positionColumns: columns.flatMap((c, i) => (definition.columns[c] === 'position' ? [i] : [])),
    order: compiled.names.map((name) => columns.indexOf(name)),
    expectOne: definition.expectOne,
  };
});

/** Applies one set, whose positions follow `base`. */
function apply(set: EncodedSet, base: number): void {
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
    if (p.expectOne && changes !== 1) throw new RefusedError(`${p.name} changed ${changes} rows`);
  }
}

const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');
const rollback = db.prepare('rollback');
// Another process (a command) may have committed: the head is what the log says once the lock is held.
const readHead = db.prepare('select coalesce(max(last_position), 0) from commit_log').pluck();
const findTicket = db.prepare('select last_position from commit_log where last_position > ? and ticket = ?').pluck();
const appendLog = db.prepare('insert into commit_log (last_position, ticket) values (?, ?)');

/** Which set of the batch is being applied. */
let applying: number | undefined;

function transact(batch: readonly EncodedSet[], ticket: Ticket): Transacted {
  begin.run();
  const before = findTicket.get(ticket.after, ticket.id) as number | undefined;
  if (before !== undefined) {
    rollback.run();
    return { last: before, wasThere: true };
  }
  const head = readHead.get() as number;
  let base = head;
  for (const [i, set] of batch.entries()) {
    applying = i;
    apply(set, base);
    base += set.positions;
  }
  applying = undefined;
  const last = head + positionsOf(batch);
  appendLog.run(last, ticket.id);
  commit.run();
  return { last, wasThere: false };
}

function refusalOf(error: unknown): Refusal {
  const code = (error as { code?: string }).code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RefusedError || code.startsWith('SQLITE_CONSTRAINT'))
    return { error: message, kind: 'conflict' };
  if (/^SQLITE_(FULL|READONLY|IOERR|BUSY|CANTOPEN|LOCKED|NOMEM)/.test(code))
    return { error: message, kind: 'unavailable' };
  return { error: message, kind: 'bug' };
}

function write(batch: readonly EncodedSet[], ticket: Ticket): Transacted {
  applying = undefined;
  try {
    return transact(batch, ticket);
  } catch (error) {
    if (db.inTransaction) rollback.run();
    const refusal = refusalOf(error);
    return applying === undefined ? refusal : { ...refusal, set: applying };
  }
}

const LOOK_AT_LOG_EVERY = 16;
const WAIT_FOR_READERS_MS = 200;
let written = 0;

/**
 * Readers that follow each other without a pause keep the log from starting again. When it has grown too large, new
 * readers are let begin at its end until none is left in its midst.
 */
function boundLog(): void {
  written += 1;
  if (written % LOOK_AT_LOG_EVERY !== 0 || statSync(`${path}-wal`).size <= walMax) return;
  db.pragma(`busy_timeout = ${WAIT_FOR_READERS_MS}`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma(`busy_timeout = ${lockTimeout}`);
}

let staged: { readonly ticket: number; readonly sets: Map<number, EncodedSet['mutations'][number][]> } | undefined;

function take({ ticket, set, mutations }: StagedPart): Transacted {
  // What was staged for a batch that was not asked for is forgotten.
  if (staged?.ticket !== ticket) staged = { ticket, sets: new Map() };
  const before = staged.sets.get(set);
  if (before) before.push(...mutations);
  else staged.sets.set(set, [...mutations]);
  return NOTHING_YET;
}

/** The batch with what was staged for it. */
function whole(batch: readonly EncodedSet[], { id }: Ticket): readonly EncodedSet[] {
  const parts = staged?.ticket === id ? staged.sets : undefined;
  staged = undefined;
  if (!parts) return batch;
  return batch.map((set, i) => ({ ...set, mutations: [...(parts.get(i) ?? []), ...set.mutations] }));
}

const NOTHING_YET: Transacted = { last: 0, wasThere: false };

parentPort!.on('message', (asked: WriterRequest) => {
  if (asked === 'close') {
    db.pragma(`busy_timeout = ${WAIT_FOR_READERS_MS}`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    parentPort!.close();
    return;
  }
  if ('mutations' in asked) {
    parentPort!.postMessage(take(asked));
    return;
  }
  const [batch, ticket] = asked;
  parentPort!.postMessage(write(whole(batch, ticket), ticket));
  boundLog();
});
