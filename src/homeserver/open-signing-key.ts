import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatSigningKey, parseSigningKey, type SigningKey } from '../protocol/signing/signing-key.ts';
import type { Random } from '../util/random.ts';

/** The signing key of the configuration's file, which is made if it is absent. */
export function openSigningKey(path: string, random: Random, version = `a_${random.token(4)}`): SigningKey {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, formatSigningKey(random.bytes(32), version), { mode: 0o600, flag: 'wx' });
  }
  const key = parseSigningKey(readFileSync(path, 'utf8'));
  if (!key) throw new Error(`${path} holds no signing key of the form "ed25519 <version> <seed>"`);
  return key;
}
