import { createHash } from 'node:crypto';
import type { Random } from '../../util/random.ts';

/** Kinds of tokens, each with a prefix by which people and scanners for leaked secrets recognise it. */
const PREFIXES = { access: 'iga_', refresh: 'igr_', login: 'igl_', openId: 'igo_', interactive: 'igu_' } as const;

/** 40 characters of `[A-Za-z0-9]`: 238 bits. */
const LENGTH = 40;

/** A new secret that nobody can guess. */
export function newToken(kind: keyof typeof PREFIXES, random: Random): string {
  return PREFIXES[kind] + random.token(LENGTH);
}

/** What is stored in place of a token. */
export function hashToken(token: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(token).digest());
}
