import { readFileSync } from 'node:fs';
import { reason } from './file-errors.ts';

/** What is wrong with a signing key file; undefined if it is right, or not there: the first start makes it. */
export function inspectKeyFile(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? undefined : `cannot read ${path}: ${reason(error)}`;
  }
  if (/^\s*ed25519[ \t]+\w+[ \t]+[A-Za-z0-9+/]{43}=?\s*$/.test(text)) return undefined;
  return `expected a line "ed25519 <version> <seed>" in ${path}; \`igchat generate-signing-key\` makes one`;
}
