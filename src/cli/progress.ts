import type { OnProgress } from '../storage/transfer/tables.ts';
import { systemClock } from '../util/clock.ts';
import type { Terminal } from './terminal.ts';

const EVERY_MS = 2_000;

/** Prints how far a copy of tables is, to standard error: each table once it is complete, a long one now and then. */
export function tableProgress(terminal: Terminal): OnProgress {
  let last = systemClock.now();
  return (table, rows, ofRows) => {
    const now = systemClock.now();
    if (ofRows === 0 || (rows < ofRows && now - last < EVERY_MS)) return;
    last = now;
    const share = rows < ofRows ? ` of ${ofRows} (${Math.floor((100 * rows) / ofRows)} %)` : '';
    terminal.stderr.write(`${table}: ${rows}${share}\n`);
  };
}
