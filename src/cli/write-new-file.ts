import { writeFileSync } from 'node:fs';
import { reason } from '../config/file-errors.ts';
import { CommandFailure } from './terminal.ts';

/** Writes a file that must not exist yet. */
export function writeNewFile(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode });
  } catch (error) {
    throw new CommandFailure(`cannot write ${path}: ${reason(error)}`);
  }
}
