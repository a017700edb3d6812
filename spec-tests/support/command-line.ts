import { PassThrough, Readable } from 'node:stream';
import { runCommandLine } from '../../src/cli/program.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function collected(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** Runs `igchat …args` in this process. */
export async function igchat(
  args: readonly string[],
  given: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly stop?: AbortSignal } = {},
): Promise<CommandResult> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const [out, err] = [collected(stdout), collected(stderr)];
  const code = await runCommandLine(args, {
    stdin: Readable.from([given.stdin ?? '']),
    stdout,
    stderr,
    env: given.env ?? {},
    stop: given.stop ?? AbortSignal.abort(),
  });
  return { code, stdout: out(), stderr: err() };
}
