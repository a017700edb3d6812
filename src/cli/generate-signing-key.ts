import { Command } from 'commander';
import { formatSigningKey } from '../protocol/signing/signing-key.ts';
import { systemRandom } from '../util/random.ts';
import { print, type Terminal } from './terminal.ts';
import { writeNewFile } from './write-new-file.ts';

/** `igchat generate-signing-key`: a new key for the option `signing_key`. */
export function generateSigningKeyCommand(terminal: Terminal): Command {
  return new Command('generate-signing-key')
    .description('print a new signing key (a first start makes one by itself)')
    .option('-o, --output <file>', 'write to this new file, which only its owner can read')
    .action(({ output }: { readonly output?: string }) => {
      const text = formatSigningKey(systemRandom.bytes(32), `a_${systemRandom.token(4)}`);
      if (output === undefined) terminal.stdout.write(text);
      else {
        writeNewFile(output, text, 0o600);
        print(terminal, `wrote ${output}`);
      }
    });
}
