/** What is kept of live rooms beside their events: the contract. Times are milliseconds since the epoch. */
import type { ChannelStore } from './channel-store.ts';
import type { ExtrasStore } from './extras-store.ts';

export type SanctionKind = 'timeout' | 'warning';

export interface SanctionRow {
  readonly channel_id: string;
  readonly user_id: string;
  readonly kind: SanctionKind;
  /** Null: until it is taken back, or acknowledged. */
  readonly until_ts: number | null;
  readonly by_user: string;
  readonly reason: string;
  readonly created_at: number;
}

export interface TermRow {
  readonly channel_id: string;
  readonly pattern: string;
  readonly action: 'hold' | 'block';
  readonly expires: number | null;
  readonly by_user: string;
  readonly created_at: number;
}

export interface ModLogRow {
  readonly channel_id: string;
  readonly created_at: number;
  /** Makes rows of the same millisecond different. */
  readonly entry_id: string;
  readonly by_user: string;
  /** As `timeout`, `term.add`. */
  readonly action: string;
  readonly target: string | null;
  /** JSON. */
  readonly detail: string;
}

export interface AutomodRow {
  readonly channel_id: string;
  /** JSON: levels by category. */
  readonly levels: string;
  readonly action: 'hold' | 'block';
  readonly by_user: string;
  readonly changed_at: number;
}

/** `expired`: nobody decided in time. */
export type HeldState = 'pending' | 'allowed' | 'denied' | 'expired';

export interface HeldRow {
  readonly held_id: string;
  readonly channel_id: string;
  readonly room_id: string;
  readonly sender: string;
  readonly type: string;
  /** JSON. */
  readonly content: string;
  readonly reason: string;
  readonly state: HeldState;
  readonly created_at: number;
  readonly expires_at: number;
}

/** A place in a log that is read backwards. */
export interface LogPlace {
  readonly created_at: number;
  readonly entry_id: string;
}

export interface LiveStore extends ChannelStore, ExtrasStore {
  /** Sanctions that still hold at `now`. */
  sanctions(now: number): Promise<readonly SanctionRow[]>;
  terms(now: number): Promise<readonly TermRow[]>;
  automod(): Promise<readonly AutomodRow[]>;
  /** What waits for moderators at `now`, oldest first. */
  held(channelId: string, now: number): Promise<readonly HeldRow[]>;
  /** What nobody has decided on by `now`. */
  heldOver(now: number): Promise<readonly HeldRow[]>;
  heldMessage(heldId: string): Promise<HeldRow | undefined>;
  /** Newest first, those before `before`. */
  modLog(channelId: string, before: LogPlace | undefined, limit: number): Promise<readonly ModLogRow[]>;
}

declare module '../../storage/contract/write-set.ts' {
  interface AreaMutations {
    /** Replaces the sanction of the same kind. */
    'live.sanctions.put': SanctionRow;
    'live.sanctions.remove': { channel_id: string; user_id: string; kind: SanctionKind };
    'live.sanctions.expire': { now: number };
    'live.terms.put': TermRow;
    'live.terms.remove': { channel_id: string; pattern: string };
    'live.terms.expire': { now: number };
    'live.automod.put': AutomodRow;
    'live.held.insert': HeldRow;
    /** Conflicts if somebody has decided already, or it was too late. */
    'live.held.decide': { held_id: string; state: HeldState; now: number };
    /** Deletes what nobody decided in time, and what was decided. */
    'live.held.expire': { now: number };
    /** Deletes what a user has written. */
    'live.held.forget': { sender: string };
    'live.modLog.insert': ModLogRow;
    /** Deletes what is older. */
    'live.modLog.trim': { before: number };
  }
}
