import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailure, EXIT_USAGE, type Terminal } from './terminal.ts';

/** Takes what readline would echo. */
function silence(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

async function ask(terminal: Terminal, question: string): Promise<string> {
  terminal.stderr.write(question);
  const lines = createInterface({ input: terminal.stdin, output: silence(), terminal: true });
  const interrupted = new Promise<never>((_, reject) => {
    lines.once('SIGINT', () => reject(new CommandFailure('interrupted', 130)));
  });
  try {
    return await Promise.race([lines.question(''), interrupted]);
  } finally {
    lines.close();
    terminal.stderr.write('\n');
  }
}

async function firstLine(terminal: Terminal): Promise<string> {
  for await (const line of createInterface({ input: terminal.stdin })) return line;
  return '';
}

/** A new password: asked for twice without echo at a terminal, otherwise the first line of standard input. */
export async function readPassword(terminal: Terminal): Promise<string> {
  const isTerminal = terminal.stdin.isTTY === true;
  const password = isTerminal ? await ask(terminal, 'Password: ') : await firstLine(terminal);
  if (password === '') throw new CommandFailure('expected a password on standard input', EXIT_USAGE);
  if (isTerminal && (await ask(terminal, 'Again: ')) !== password) throw new CommandFailure('the passwords differ');
  return password;
}
