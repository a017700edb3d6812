/** The process: signals in, exit code out. */
import { runCommandLine } from './cli/program.ts';

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
