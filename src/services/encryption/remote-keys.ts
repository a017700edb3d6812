import type { JsonObject } from '../../protocol/json.ts';
import type { CrossSigningKeyRow } from '../../storage/contract/cross-signing.ts';
import type { ClaimRequest } from './key-claims.ts';
import type { KeyAnswer, KeyQuery } from './key-queries.ts';

/** What other servers answered; `failures` names those that did not, by server name. */
export type RemoteKeyAnswer = KeyAnswer & { readonly failures: JsonObject };

export interface RemoteClaimAnswer {
  readonly one_time_keys: JsonObject;
  readonly failures: JsonObject;
}

/** Keys of users of other servers. */
export interface RemoteKeys {
  /** @param viewer who asks: sees the signatures they made on the keys of others. */
  query(query: KeyQuery, viewer: string, timeoutMs: number): Promise<RemoteKeyAnswer>;
  claim(request: ClaimRequest, timeoutMs: number): Promise<RemoteClaimAnswer>;
  /** The master keys of users, as far as they can be had. */
  masterKeys(userIds: readonly string[]): Promise<CrossSigningKeyRow[]>;
}
