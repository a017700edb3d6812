import type { Readable, Writable } from 'node:stream';

/** What a command takes from the process it runs in; tests bring their own. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
}

export function print(terminal: Terminal, ...lines: readonly string[]): void {
  for (const line of lines) terminal.stdout.write(`${line}\n`);
}

/** Exit codes beside 0 and 1. The last is that of sysexits.h: a supervisor need not start the server again. */
export const EXIT_USAGE = 2;
export const EXIT_CONFIGURATION = 78;

/** Ends a command: its message goes to standard error, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
