/** A thread that reads, for what may take longer than 5 ms. Started by `sqlite-backend.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Statement } from 'better-sqlite3';
import { openForReading } from './sqlite-open.ts';

const db = openForReading((workerData as { path: string }).path);
const statements = new Map<string, Statement>();

parentPort!.on('message', ([text, values]: [string, unknown[]]) => {
  try {
    let statement = statements.get(text);
    if (!statement) {
      statement = db.prepare(text);
      statements.set(text, statement);
    }
    parentPort!.postMessage({ rows: statement.all(...values) });
  } catch (error) {
    parentPort!.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
