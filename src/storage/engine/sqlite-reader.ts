/** A thread that reads, for what may take longer than 5 ms. Started by `sqlite-backend.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from 'better-sqlite3';
import { openForReading } from './sqlite-open.ts';

/** What the thread is started with. */
export interface ReaderData {
  readonly path: string;
  readonly lockTimeout: number;
}

const { path, lockTimeout } = workerData as ReaderData;
const db = openForReading(path, lockTimeout);
const statements = new Map<string, Statement>();

parentPort!.on('message', ([text, values]: [string, unknown[]]) => {
  try {
    let statement = statements.get(text);
    if (!statement) {
      statement = db.prepare(text);
      statements.set(text, statement);
    }
    // Read whole: no snapshot outlives its query, for that would stop the checkpoints.
    parentPort!.postMessage({ rows: statement.all(...values) });
  } catch (error) {
    const { code = '', message = String(error) } = error as { code?: string; message?: string };
    parentPort!.postMessage({ error: message, code });
  }
});
