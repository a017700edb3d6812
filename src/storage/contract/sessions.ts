import type { UserRow } from './accounts.ts';

export interface TokenPairRow {
  readonly access_hash: Uint8Array;
  readonly user_id: string;
  readonly device_id: string;
  /** `null` if it does not expire. */
  readonly access_expires_at: number | null;
  readonly refresh_hash: Uint8Array | null;
  readonly refresh_expires_at: number | null;
  /** Access hash of the pair that this one came from, until this one is used. */
  readonly replaces: Uint8Array | null;
  readonly created_at: number;
}

export interface UiaSessionRow {
  readonly session_hash: Uint8Array;
  readonly operation: string;
  readonly user_id: string;
  readonly body_mac: Uint8Array | null;
  readonly expires_at: number;
  readonly registered_user: string | null;
}

export interface UiaStageRow {
  readonly session_hash: Uint8Array;
  readonly stage: string;
  readonly detail: string | null;
}

/** A token that stands for its user, for one purpose and a short time. */
export interface UserTokenRow {
  readonly token_hash: Uint8Array;
  readonly user_id: string;
  readonly expires_at: number;
}

/** What one needs to know of the owner of a token to let them do something. */
export type TokenOwnerRow = TokenPairRow &
  Pick<UserRow, 'is_admin' | 'is_guest' | 'suspended' | 'locked' | 'unlimited' | 'limit_percent' | 'deactivated_at'>;

export interface SessionStore {
  byAccessHash(hash: Uint8Array): Promise<TokenOwnerRow | undefined>;
  byRefreshHash(hash: Uint8Array): Promise<TokenOwnerRow | undefined>;
  uiaSession(hash: Uint8Array): Promise<UiaSessionRow | undefined>;
  uiaStages(hash: Uint8Array): Promise<UiaStageRow[]>;
  uiaSessionsExpiredAt(now: number, limit: number): Promise<UiaSessionRow[]>;
  loginToken(hash: Uint8Array): Promise<UserTokenRow | undefined>;
  openIdToken(hash: Uint8Array): Promise<UserTokenRow | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    'token_pairs.insert': TokenPairRow;
    /** The pair has been used: nothing stands behind it any more. A conflict if it is not there. */
    'token_pairs.confirm': { access_hash: Uint8Array };
    'token_pairs.delete': { access_hash: Uint8Array };
    /** Deletes the pairs, never used, that a pair was refreshed into. */
    'token_pairs.deleteSuccessors': { replaces: Uint8Array };
    'token_pairs.deleteOfDevice': { user_id: string; device_id: string };

    'uia_sessions.insert': UiaSessionRow;
    /** A conflict if it is not there, or somebody was registered with it. */
    'uia_sessions.registered': { session_hash: Uint8Array; registered_user: string };
    /** A conflict if it is not there. */
    'uia_sessions.delete': { session_hash: Uint8Array };
    /** A conflict if the stage was passed already. */
    'uia_stages.insert': UiaStageRow;
    'uia_stages.deleteOf': { session_hash: Uint8Array };

    'login_tokens.insert': UserTokenRow;
    /** A conflict if it is not there: each is good for one login. */
    'login_tokens.use': { token_hash: Uint8Array };
    'login_tokens.expire': { now: number };
    'openid_tokens.insert': UserTokenRow;
    'openid_tokens.expire': { now: number };
    /** Those of one user, of either kind. */
    'login_tokens.deleteOf': { user_id: string };
    'openid_tokens.deleteOf': { user_id: string };
  }
}
