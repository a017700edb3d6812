/** The process: its heap, signals in, exit code out. */
import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './cli/program.ts';

// On a machine with much memory V8 lets garbage pile up: after 100,000 sends 400 MiB are resident, and so 260, for a
// tenth more processor time. The space for new objects is bounded where Node is started (`--max-semi-space-size`), for
// that cannot be done from within: its standard takes 16 MiB more for nothing; with half of it long polls cost half as much again.
setFlagsFromString('--heap-growing-percent=30');

const stopping = new AbortController();
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(128 + number);
    stopping.abort();
  });
}

const { stdin, stdout, stderr, env } = process;
process.exitCode = await runCommandLine(process.argv.slice(2), { stdin, stdout, stderr, env, stop: stopping.signal });
