import { invalidParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonValue } from '../../protocol/json.ts';
import type { SearchPoint } from '../../storage/contract/search.ts';

/** Where a search goes on: after a place in its results, within one group if a client asked for more of that. */
export interface SearchToken {
  readonly after: SearchPoint;
  readonly roomId?: string | undefined;
  readonly sender?: string | undefined;
}

export function formatSearchToken({ after, roomId, sender }: SearchToken): string {
  return Buffer.from(JSON.stringify({ s: after.score, n: after.eventNid, r: roomId, u: sender })).toString('base64url');
}

/** @throws M_INVALID_PARAM */
export function parseSearchToken(text: string): SearchToken {
  const { s, n, r, u } = parsed(text);
  if (typeof s !== 'number' || typeof n !== 'number' || !Number.isSafeInteger(n) || isOther(r) || isOther(u)) {
    throw notOurs();
  }
  return { after: { score: s, eventNid: n }, roomId: r as string | undefined, sender: u as string | undefined };
}

function parsed(text: string) {
  let value: JsonValue;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString()) as JsonValue;
  } catch (error) {
    throw invalidParam(`next_batch is not a token of this server (${error instanceof Error ? error.name : 'error'})`);
  }
  if (!isJsonObject(value)) throw notOurs();
  return { s: value['s'], n: value['n'], r: value['r'], u: value['u'] };
}

function isOther(value: JsonValue | undefined): boolean {
  return value !== undefined && typeof value !== 'string';
}

function notOurs() {
  return invalidParam('next_batch is not a token of this server');
}
