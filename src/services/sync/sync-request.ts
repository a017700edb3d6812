import type { SyncFilter } from './sync-filter.ts';
import type { SyncToken } from './sync-token.ts';

/** What one computation of a sync answers: from where, up to where, for whom, and how. */
export interface SyncScope {
  readonly userId: string;
  readonly deviceId: string;
  /** Undefined for a first sync. */
  readonly token: SyncToken | undefined;
  /** Stream position of the token; 0 for a first sync. */
  readonly since: number;
  /** Everything in the answer is bounded by this stream position, taken first. */
  readonly upTo: number;
  readonly filter: SyncFilter;
  readonly fullState: boolean;
  /** Under which names to send the state at the end of the timeline instead of that at its start. */
  readonly stateAfter: StateAfterName | undefined;
  readonly ignored: ReadonlySet<string>;
  readonly now: number;
}

/** The stable name and that of MSC4222, which clients still ask for. */
export type StateAfterName = 'state_after' | 'org.matrix.msc4222.state_after';
